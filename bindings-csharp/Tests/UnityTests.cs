using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using GameSockets.Netcode;
using GameSockets.Unity;
using NUnit.Framework;
using Unity.Netcode;

namespace GameSockets.Tests
{
    /// <summary>The pump and the transport for Unity, against stand-ins for Unity.</summary>
    public sealed class UnityTests
    {
        private GameSocketsTransport server;
        private GameSocketsTransport client;
        private ulong clientId;

        [SetUp]
        public void ConnectTransports()
        {
            server = new GameSocketsTransport { ListenAddress = "127.0.0.1:0" };
            server.Initialize();
            Assert.That(server.StartServer());
            client = new GameSocketsTransport { ConnectAddress = server.ListenAddress };
            client.Initialize();
            Assert.That(client.StartClient());
            clientId = Next(server, NetworkEvent.Connect).Client;
            Assert.That(clientId, Is.Not.EqualTo(server.ServerClientId));
            Assert.That(Next(client, NetworkEvent.Connect).Client, Is.EqualTo(client.ServerClientId));
        }

        [TearDown]
        public void End()
        {
            client.Shutdown();
            server.Shutdown();
            server.Shutdown();
        }

        [TestCase(NetworkDelivery.Reliable)]
        [TestCase(NetworkDelivery.ReliableSequenced)]
        [TestCase(NetworkDelivery.ReliableFragmentedSequenced)]
        [TestCase(NetworkDelivery.Unreliable)]
        [TestCase(NetworkDelivery.UnreliableSequenced)]
        public void EveryDeliveryArrivesAtBothEnds(NetworkDelivery delivery)
        {
            bool isFragmented = delivery == NetworkDelivery.ReliableFragmentedSequenced;
            foreach (int size in new[] { 0, 1, 1000, isFragmented ? 200_000 : 1100 })
            {
                byte[] payload = Pattern.Of(size + 3, 7);
                var part = new ArraySegment<byte>(payload, 3, size);
                client.Send(client.ServerClientId, part, delivery);
                (ulong from, byte[] came) = Next(server, NetworkEvent.Data);
                Assert.That(from, Is.EqualTo(clientId));
                Assert.That(came, Is.EqualTo(part.ToArray()));
                server.Send(clientId, part, delivery);
                (from, came) = Next(client, NetworkEvent.Data);
                Assert.That(from, Is.EqualTo(client.ServerClientId));
                Assert.That(came, Is.EqualTo(part.ToArray()));
            }
        }

        [Test]
        public void ManyMessagesComeInOrder()
        {
            for (int number = 0; number < 500; number++)
            {
                client.Send(0, new ArraySegment<byte>(BitConverter.GetBytes(number)), NetworkDelivery.ReliableSequenced);
            }
            client.DisconnectLocalClient();
            for (int number = 0; number < 500; number++)
            {
                Assert.That(BitConverter.ToInt32(Next(server, NetworkEvent.Data).Payload, 0), Is.EqualTo(number));
            }
            Assert.That(Next(server, NetworkEvent.Disconnect).Client, Is.EqualTo(clientId));
        }

        [Test]
        public void TheServerDisconnectsAClient()
        {
            server.DisconnectRemoteClient(clientId);
            Assert.That(Next(client, NetworkEvent.Disconnect).Client, Is.EqualTo(client.ServerClientId));
            // Nobody is there any more.
            server.Send(clientId, new ArraySegment<byte>(new byte[1]), NetworkDelivery.Reliable);
            client.Send(0, new ArraySegment<byte>(new byte[1]), NetworkDelivery.Reliable);
            Assert.That(server.GetCurrentRtt(clientId), Is.Zero);
            server.DisconnectRemoteClient(clientId);
            client.DisconnectLocalClient();
        }

        [Test]
        public void APeerThatCannotBeToldIsDisconnected()
        {
            var logged = new List<string>();
            Action<string> listen = logged.Add;
            UnityEngine.Debug.Logged += listen;
            client.Send(0, new ArraySegment<byte>(new byte[600_000]), NetworkDelivery.ReliableFragmentedSequenced);
            UnityEngine.Debug.Logged -= listen;
            Assert.That(logged.Single(), Does.Contain("600000 bytes").And.Contain("InvalidParam"));
            Assert.That(Next(client, NetworkEvent.Disconnect).Client, Is.EqualTo(client.ServerClientId));
            Assert.That(Next(server, NetworkEvent.Disconnect).Client, Is.EqualTo(clientId));
        }

        [Test]
        public void AWrongAddressIsLoggedAndRefused()
        {
            var logged = new List<string>();
            Action<string> listen = logged.Add;
            UnityEngine.Debug.Logged += listen;
            var wrong = new GameSocketsTransport { ListenAddress = "nowhere", ConnectAddress = "nowhere" };
            wrong.Initialize();
            Assert.That(wrong.StartServer(), Is.False);
            Assert.That(wrong.StartClient(), Is.False);
            UnityEngine.Debug.Logged -= listen;
            Assert.That(logged, Has.Count.EqualTo(2).And.All.Contain("nowhere"));
            Assert.That(wrong.PollEvent(out _, out _, out _), Is.EqualTo(NetworkEvent.Nothing));
            wrong.Shutdown();
            Assert.That(wrong.PollEvent(out _, out _, out _), Is.EqualTo(NetworkEvent.Nothing));
        }

        [Test]
        public void ThePumpRaisesEventsEachFrame()
        {
            var pump = new NetworkingPump();
            Frame(pump, "Update");
            ListenSocket socket = pump.Sockets.CreateListenSocketIP("127.0.0.1:0");
            int told = 0;
            pump.Sockets.ConnectionStatusChanged += (in ConnectionStatusChange change) =>
            {
                told++;
                throw new InvalidTimeZoneException("of a handler");
            };
            var logged = new List<string>();
            Action<string> listen = logged.Add;
            UnityEngine.Debug.Logged += listen;
            using NetworkingSockets other = Pair.Make("str:other");
            other.ConnectByIPAddress(socket.Address);
            Limits.Until("the event", () =>
            {
                Frame(pump, "Update");
                return told == 1;
            });
            UnityEngine.Debug.Logged -= listen;
            Assert.That(logged, Is.EqualTo(new[] { "of a handler" }));
            NetworkingSockets sockets = pump.Sockets;
            Frame(pump, "OnDestroy");
            Assert.That(sockets.IsDisposed);
            Frame(pump, "Update");
        }

        /// <summary>What Unity does by name.</summary>
        private static void Frame(NetworkingPump pump, string method)
        {
            typeof(NetworkingPump).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Instance).Invoke(pump, null);
        }

        /// <summary>The next event, which has to be of this kind.</summary>
        private static (ulong Client, byte[] Payload) Next(GameSocketsTransport transport, NetworkEvent kind)
        {
            (ulong Client, byte[] Payload) found = default;
            Limits.Until(kind.ToString(), () =>
            {
                NetworkEvent came = transport.PollEvent(out ulong id, out ArraySegment<byte> payload, out float _);
                if (came == NetworkEvent.Nothing)
                {
                    return false;
                }
                Assert.That(came, Is.EqualTo(kind));
                found = (id, payload.AsSpan().ToArray());
                return true;
            });
            return found;
        }
    }
}
