using System.Collections.Generic;
using NUnit.Framework;

namespace GameSockets.Tests.Peers
{
    /// <summary>The echo example in Rust, at either end.</summary>
    public sealed class RustTests
    {
        [Test]
        public void AServerInRustSendsEverythingBack()
        {
            using var server = new RunningProgram(Programs.Echo, "server", "--listen", "127.0.0.1:0");
            string address = server.After("listening on ").Split(';')[0];
            using NetworkingSockets client = Pair.Make("str:client");
            Connection connection = client.ConnectByIPAddress(address);
            List<byte[]> payloads = Pattern.OfEverySize();
            foreach (byte[] payload in payloads)
            {
                Pair.Send(connection, payload);
            }
            Assert.That(Pair.Receive(connection, payloads.Count), Is.EqualTo(payloads));
            connection.Close(1001, "done", linger: true);
            Assert.That(server.After("ClosedByPeer: "), Does.Contain("1001"));
        }

        [Test]
        public void AClientInRustIsSentEverythingBack()
        {
            using NetworkingSockets server = Pair.Make("str:server");
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            using PollGroup group = server.CreatePollGroup();
            int ended = 0;
            server.ConnectionStatusChanged += (in ConnectionStatusChange change) =>
            {
                if (change.State == ConnectionState.Connecting)
                {
                    group.Add(change.Connection);
                    change.Connection.Accept();
                }
                ended += change.State == ConnectionState.ClosedByPeer ? 1 : 0;
            };
            using var client = new RunningProgram(
                Programs.Echo, "client", "--connect", socket.Address, "--messages", "500", "--size", "300");
            Limits.Until("the end of the client", () =>
            {
                server.Poll();
                using (MessageBatch batch = group.Receive())
                {
                    foreach (Message message in batch)
                    {
                        message.Connection.Send(
                            message.Payload, message.IsReliable ? SendFlags.Reliable : SendFlags.Unreliable);
                    }
                }
                return ended == 1;
            });
            // It checks what comes back.
            Assert.That(client.Finish(), Is.Zero, client.Said);
        }
    }
}
