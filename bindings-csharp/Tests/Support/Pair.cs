using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>A server and a client, connected to each other over UDP on the loopback.</summary>
    internal sealed class Pair : IDisposable
    {
        internal Pair(params ConfigOption[] options)
        {
            Server = Make("str:server");
            Client = Make("str:client");
            Server.ConnectionStatusChanged += OnServer;
            Socket = Server.CreateListenSocketIP("127.0.0.1:0", options);
            ToServer = Client.ConnectByIPAddress(Socket.Address, options);
            Limits.Until("the connection", () =>
            {
                Server.Poll();
                Client.Poll();
                return ToClient != null && ToClient.State == ConnectionState.Connected
                    && ToServer.State == ConnectionState.Connected;
            });
            Server.ConnectionStatusChanged -= OnServer;
            Server.Poll();
            Client.Poll();
        }

        internal NetworkingSockets Server { get; }

        internal NetworkingSockets Client { get; }

        internal ListenSocket Socket { get; }

        internal Connection ToClient { get; private set; }

        internal Connection ToServer { get; }

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }

        internal static NetworkingSockets Make(string identity)
        {
            return new NetworkingSockets(new NetworkingSocketsOptions { Identity = identity });
        }

        /// <summary>The payloads that come, until there are this many.</summary>
        internal static List<byte[]> Receive(Connection connection, int count)
        {
            var payloads = new List<byte[]>();
            while (payloads.Count < count)
            {
                Assert.That(connection.WaitMessages(Limits.Long), "messages are missing");
                using (MessageBatch batch = connection.Receive(count - payloads.Count))
                {
                    foreach (Message message in batch)
                    {
                        payloads.Add(message.Payload.ToArray());
                    }
                }
            }
            return payloads;
        }

        /// <summary>Sends, when there is room.</summary>
        internal static void Send(Connection connection, byte[] payload, SendFlags flags = SendFlags.Reliable, int lane = 0)
        {
            Result result;
            while ((result = connection.TrySend(payload, flags, lane)) == Result.LimitExceeded)
            {
                Assert.That(connection.WaitWritable(Limits.Long), "no room");
            }
            Assert.That(result, Is.EqualTo(Result.Ok));
        }

        private void OnServer(in ConnectionStatusChange change)
        {
            if (change.State == ConnectionState.Connecting)
            {
                ToClient = change.Connection;
                ToClient.Accept();
            }
        }
    }
}
