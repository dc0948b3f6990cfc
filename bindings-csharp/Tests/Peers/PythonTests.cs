using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;

namespace GameSockets.Tests.Peers
{
    /// <summary>The echo example in Python, at either end.</summary>
    public sealed class PythonTests
    {
        private static readonly Dictionary<string, string> Environment =
            new Dictionary<string, string> { ["PYTHONUNBUFFERED"] = "1" };

        [Test]
        public void AServerInPythonSendsEverythingBack()
        {
            using RunningProgram server = Start("server", "127.0.0.1:0");
            string address = server.After("listening on ");
            using NetworkingSockets client = Pair.Make("str:client");
            Connection connection = client.ConnectByIPAddress(address);
            List<byte[]> payloads = Pattern.OfEverySize();
            foreach (byte[] payload in payloads)
            {
                Pair.Send(connection, payload);
            }
            Assert.That(Pair.Receive(connection, payloads.Count), Is.EqualTo(payloads));
            connection.Close(1001, "done", linger: true);
        }

        [Test]
        public void AClientInPythonIsSentEverythingBack()
        {
            using NetworkingSockets server = Pair.Make("str:server");
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            int ended = 0;
            server.ConnectionStatusChanged += (in ConnectionStatusChange change) =>
            {
                if (change.State == ConnectionState.Connecting)
                {
                    change.Connection.Accept();
                }
                ended += change.State == ConnectionState.ClosedByPeer ? 1 : 0;
            };
            using RunningProgram client = Start("client", socket.Address);
            Limits.Until("the end of the client", () =>
            {
                server.Poll();
                using (MessageBatch batch = socket.Receive())
                {
                    foreach (Message message in batch)
                    {
                        message.Connection.Send(message.Payload);
                    }
                }
                return ended == 1;
            });
            Assert.That(client.Finish(), Is.Zero, client.Said);
            Assert.That(client.Said, Does.Contain("how are you -> how are you"));
        }

        private static RunningProgram Start(string role, string address)
        {
            const string Variable = "GAMESOCKETS_TEST_PYTHON";
            string python = System.Environment.GetEnvironmentVariable(Variable);
            if (string.IsNullOrEmpty(python))
            {
                Assert.Ignore(Variable + " names no Python that has the package gamesockets");
            }
            string example = Path.Combine(Programs.Root, "examples", "python", "echo.py");
            return new RunningProgram(python, Environment, new[] { example, role, address });
        }
    }
}
