using System;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>What is wrong is refused, and the reason says what and why.</summary>
    public sealed class BadInputTests
    {
        private NetworkingSockets sockets;
        private Connection first;
        private Connection second;

        [SetUp]
        public void MakeAPair()
        {
            sockets = Pair.Make("str:alone");
            (first, second) = sockets.CreateSocketPair();
        }

        [TearDown]
        public void End()
        {
            sockets.Dispose();
        }

        [Test]
        public void NoPayloadIsAnEmptyMessage()
        {
            Assert.That(first.TrySend(null), Is.EqualTo(Result.Ok));
            Assert.That(first.TrySend(default(ReadOnlySpan<byte>)), Is.EqualTo(Result.Ok));
            Assert.That(first.TrySend(Array.Empty<byte>()), Is.EqualTo(Result.Ok));
            Assert.That(Pair.Receive(second, 3), Is.EqualTo(new[] { new byte[0], new byte[0], new byte[0] }));
        }

        [Test]
        public void AMessageMayHave512KiBAndNoMore()
        {
            Assert.That(first.TrySend(new byte[512 * 1024]), Is.EqualTo(Result.Ok));
            Assert.That(first.TrySend(new byte[(512 * 1024) + 1]), Is.EqualTo(Result.InvalidParam));
            var error = Assert.Throws<NetworkingException>(() => first.Send(new byte[(512 * 1024) + 1]));
            Assert.That(error.Result, Is.EqualTo(Result.InvalidParam));
            Assert.That(error.Message, Does.Contain("524288").Or.Contain("512"));
        }

        [TestCase(1)]
        [TestCase(65_535)]
        [TestCase(65_536)]
        [TestCase(-1)]
        [TestCase(int.MinValue)]
        public void AnUnknownLaneIsRefused(int lane)
        {
            Assert.That(first.TrySend(new byte[1], SendFlags.Reliable, lane), Is.EqualTo(Result.InvalidParam));
            Assert.That(first.TrySend(new byte[1], new SendOptions { Lane = lane }, out _), Is.EqualTo(Result.InvalidParam));
            Assert.That(
                () => first.Send(new byte[1], SendFlags.Reliable, lane),
                Throws.InstanceOf<NetworkingException>().Or.InstanceOf<ArgumentOutOfRangeException>());
        }

        [TestCase("")]
        [TestCase(null)]
        [TestCase("nonsense")]
        [TestCase("127.0.0.1")]
        [TestCase("127.0.0.1:99999")]
        [TestCase("\ud800")]
        [TestCase("[::1:5")]
        public void AWrongAddressIsRefused(string address)
        {
            var error = Assert.Throws<NetworkingException>(() => sockets.ConnectByIPAddress(address));
            Assert.That(error.Result, Is.EqualTo(Result.InvalidParam));
            Assert.That(error.Message.Length, Is.GreaterThan(20), error.Message);
            Assert.That(() => sockets.CreateListenSocketIP(address), Throws.InstanceOf<NetworkingException>());
        }

        [TestCase("alice")]
        [TestCase("steamid:x")]
        [TestCase("str:this identity is much too long to be one")]
        public void AWrongIdentityIsRefused(string identity)
        {
            Assert.That(() => Pair.Make(identity), Throws.InstanceOf<NetworkingException>());
            Assert.That(() => sockets.ResetIdentity(identity), Throws.InstanceOf<NetworkingException>());
            Assert.That(sockets.Identity, Is.EqualTo("str:alone"));
        }

        [Test]
        public void AWrongOptionIsRefused()
        {
            var unknown = new ConfigOption((ConfigValue)987_654, 1);
            var error = Assert.Throws<NetworkingException>(() => sockets.ConnectByIPAddress("127.0.0.1:9", unknown));
            Assert.That(error.Message, Does.Contain("987654"));
            var text = new ConfigOption(ConfigValue.TimeoutInitial, "soon");
            Assert.That(() => sockets.CreateListenSocketIP("127.0.0.1:0", text), Throws.InstanceOf<NetworkingException>());
            Assert.That(() => new ConfigOption(ConfigValue.TimeoutInitial, null), Throws.InstanceOf<ArgumentNullException>());
            Assert.That(() => new NetworkingSockets(null), Throws.InstanceOf<ArgumentNullException>());
            Assert.That(sockets.CreateListenSocketIP("127.0.0.1:0", null).Address, Does.StartWith("127.0.0.1:"));
        }

        [Test]
        public void AHandleThatWasNeverDealtIsRefused()
        {
            var stranger = new Connection(sockets, 0xdead_beef, false);
            Assert.That(stranger.TrySend(new byte[1]), Is.EqualTo(Result.InvalidParam));
            Assert.That(() => stranger.Info, Throws.InstanceOf<NetworkingException>());
            Assert.That(() => stranger.Accept(), Throws.InstanceOf<NetworkingException>());
            Assert.That(() => stranger.Receive(), Throws.InstanceOf<NetworkingException>());
            Assert.That(() => stranger.WaitMessages(TimeSpan.Zero), Throws.InstanceOf<NetworkingException>());
            stranger.Close();
            var group = new PollGroup(sockets, 12);
            Assert.That(() => group.Receive(), Throws.InstanceOf<NetworkingException>());
            group.Dispose();
            var socket = new ListenSocket(sockets, 13);
            Assert.That(() => socket.Address, Throws.InstanceOf<NetworkingException>());
            socket.Dispose();
        }

        [Test]
        public void AConnectionOfAnotherInstanceIsRefused()
        {
            using NetworkingSockets other = Pair.Make("str:other");
            using PollGroup group = other.CreatePollGroup();
            Assert.That(() => group.Add(first), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => group.Add(null), Throws.InstanceOf<ArgumentNullException>());
        }

        [Test]
        public void AConnectionThatThePeerHasClosedCanStillBeRead()
        {
            Assert.That(first.TrySend(new byte[] { 4 }), Is.EqualTo(Result.Ok));
            Limits.Until("the message", () => second.WaitMessages(Limits.Long));
            first.Close(1003);
            Limits.Until("the end", () => second.State == ConnectionState.ClosedByPeer);
            Assert.That(second.TrySend(new byte[1]), Is.EqualTo(Result.NoConnection));
            Assert.That(() => second.Send(new byte[1]), Throws.InstanceOf<NetworkingException>());
            Assert.That(Pair.Receive(second, 1)[0], Is.EqualTo(new byte[] { 4 }));
            var error = Assert.Throws<NetworkingException>(() => second.WaitMessages(Limits.Long));
            Assert.That(error.Result, Is.EqualTo(Result.NoConnection));
        }

        [TestCase(0)]
        [TestCase(-5)]
        public void AskingForNoMessagesGivesNone(int max)
        {
            first.Send(new byte[1]);
            Assert.That(second.Receive(max).Count, Is.Zero);
            Assert.That(second.Receive(int.MaxValue).Count, Is.EqualTo(1));
        }
    }
}
