using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>Everything may be disposed in any order, twice, and used too late.</summary>
    public sealed class DisposalTests
    {
        private static readonly string[] Parts = { "server", "client", "socket", "toServer", "toClient", "group", "batch" };

        /// <summary>Every part once first and once last, and in between in many orders.</summary>
        public static IEnumerable<string> Orders()
        {
            var random = new Random(1);
            for (int index = 0; index < Parts.Length; index++)
            {
                yield return string.Join(" ", Parts.Skip(index).Concat(Parts.Take(index)));
                yield return string.Join(" ", Parts.Skip(index).Concat(Parts.Take(index)).Reverse());
                yield return string.Join(" ", Parts.OrderBy(_ => random.Next()).ToArray());
            }
        }

        [TestCaseSource(nameof(Orders))]
        public void AnyOrderIsGood(string order)
        {
            var pair = new Pair();
            PollGroup group = pair.Server.CreatePollGroup();
            group.Add(pair.ToClient);
            pair.ToServer.Send(new byte[10]);
            Assert.That(group.WaitMessages(Limits.Long));
            MessageBatch batch = group.Receive();
            var disposals = new Dictionary<string, Action>
            {
                ["server"] = pair.Server.Dispose,
                ["client"] = pair.Client.Dispose,
                ["socket"] = pair.Socket.Dispose,
                ["toServer"] = pair.ToServer.Dispose,
                ["toClient"] = pair.ToClient.Dispose,
                ["group"] = group.Dispose,
                ["batch"] = batch.Dispose,
            };
            foreach (string part in order.Split(' '))
            {
                disposals[part]();
                disposals[part]();
            }
            CheckNothingWorks(pair, group);
        }

        [Test]
        public void AClosedListenSocketFreesItsPort()
        {
            using NetworkingSockets sockets = Pair.Make("str:alone");
            ListenSocket socket = sockets.CreateListenSocketIP("127.0.0.1:0");
            string address = socket.Address;
            Assert.That(() => sockets.CreateListenSocketIP(address), Throws.InstanceOf<NetworkingException>());
            socket.Dispose();
            Assert.That(sockets.CreateListenSocketIP(address).Address, Is.EqualTo(address));
        }

        [Test]
        public void ADestroyedPollGroupLeavesMessagesToTheirConnections()
        {
            using NetworkingSockets sockets = Pair.Make("str:alone");
            (Connection first, Connection second) = sockets.CreateSocketPair();
            PollGroup group = sockets.CreatePollGroup();
            group.Add(second);
            first.Send(new byte[] { 5 });
            group.Dispose();
            Assert.That(Pair.Receive(second, 1)[0], Is.EqualTo(new byte[] { 5 }));
        }

        [Test]
        public void ClosingWithLingerDeliversFirst()
        {
            using var pair = new Pair();
            byte[] payload = Pattern.Of(200_000, 3);
            Pair.Send(pair.ToServer, payload);
            pair.ToServer.Close(1001, "bye", linger: true);
            Assert.That(Pair.Receive(pair.ToClient, 1)[0], Is.EqualTo(payload));
            Limits.Until("the end", () => pair.ToClient.State == ConnectionState.ClosedByPeer);
            Assert.That((int)pair.ToClient.Info.EndReason, Is.EqualTo(1001));
        }

        private static void CheckNothingWorks(Pair pair, PollGroup group)
        {
            var calls = new TestDelegate[]
            {
                () => pair.Server.Poll(),
                () => pair.Server.WaitEvents(TimeSpan.Zero),
                () => pair.Server.CreatePollGroup(),
                () => pair.Server.CreateListenSocketIP("127.0.0.1:0"),
                () => pair.Server.CreateSocketPair(),
                () => _ = pair.Server.Identity,
                () => _ = pair.Server.LocalTimestamp,
                () => pair.Client.ConnectByIPAddress("127.0.0.1:9"),
                () => pair.ToServer.Send(new byte[1]),
                () => pair.ToServer.Receive(),
                () => pair.ToServer.WaitMessages(TimeSpan.Zero),
                () => pair.ToServer.WaitWritable(TimeSpan.Zero),
                () => pair.ToServer.Accept(),
                () => pair.ToServer.Flush(),
                () => _ = pair.ToServer.Info,
                () => _ = pair.ToServer.Name,
                () => pair.ToServer.UserData = 1,
                () => _ = pair.Socket.Address,
                () => pair.Socket.Receive(),
                () => group.Receive(),
                () => group.WaitMessages(TimeSpan.Zero),
                () => group.Add(pair.ToClient),
            };
            foreach (TestDelegate call in calls)
            {
                Assert.That(call, Throws.InstanceOf<ObjectDisposedException>());
            }
            Assert.That(pair.ToServer.TrySend(new byte[1]), Is.EqualTo(Result.InvalidParam));
            Assert.That(pair.ToClient.TrySend(new byte[1]), Is.EqualTo(Result.InvalidParam));
            pair.ToServer.Close();
            Assert.That(pair.Server.IsDisposed && pair.Client.IsDisposed);
        }
    }
}
