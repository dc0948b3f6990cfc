using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>What is sent, what comes, and how long it stays readable.</summary>
    public sealed class MessageTests
    {
        [Test]
        public void MessagesOfEverySizeArriveInOrder()
        {
            using var pair = new Pair();
            List<byte[]> payloads = Pattern.OfEverySize();
            foreach (byte[] payload in payloads)
            {
                Pair.Send(pair.ToServer, payload);
            }
            Assert.That(Pair.Receive(pair.ToClient, payloads.Count), Is.EqualTo(payloads));
            foreach (byte[] payload in payloads)
            {
                Pair.Send(pair.ToClient, payload);
            }
            Assert.That(Pair.Receive(pair.ToServer, payloads.Count), Is.EqualTo(payloads));
        }

        [Test]
        public void AMessageTellsWhereItIsFrom()
        {
            using var pair = new Pair();
            pair.ToClient.UserData = 77;
            Assert.That(pair.ToServer.Send(Encoding.UTF8.GetBytes("hello")), Is.EqualTo(1));
            Assert.That(pair.ToClient.WaitMessages(Limits.Long));
            using MessageBatch batch = pair.ToClient.Receive();
            Assert.That(batch.Count, Is.EqualTo(1));
            Message message = batch[0];
            Assert.That(Encoding.UTF8.GetString(message.Payload.ToArray()), Is.EqualTo("hello"));
            Assert.That(message.Size, Is.EqualTo(5));
            Assert.That(message.Connection, Is.SameAs(pair.ToClient));
            Assert.That(message.ConnectionHandle, Is.EqualTo(pair.ToClient.Handle));
            Assert.That(message.UserData, Is.EqualTo(77));
            Assert.That(message.Number, Is.EqualTo(1));
            Assert.That(message.Lane, Is.Zero);
            Assert.That(message.IsReliable);
            Assert.That(message.TimeReceived, Is.InRange(1, pair.Server.LocalTimestamp));
        }

        [Test]
        public void UnreliableMessagesArriveAsSuch()
        {
            using var pair = new Pair();
            byte[] payload = Pattern.Of(1000, 5);
            Pair.Send(pair.ToServer, payload, SendFlags.UnreliableNoNagle);
            Assert.That(pair.ToClient.WaitMessages(Limits.Long));
            using MessageBatch batch = pair.ToClient.Receive();
            Assert.That(batch[0].IsReliable, Is.False);
            Assert.That(batch[0].Payload.ToArray(), Is.EqualTo(payload));
        }

        [Test]
        public void APollGroupGathersConnections()
        {
            using NetworkingSockets sockets = Pair.Make("str:alone");
            (Connection first, Connection second) = sockets.CreateSocketPair();
            using PollGroup group = sockets.CreatePollGroup();
            group.Add(first);
            group.Add(second);
            first.Send(new byte[] { 1 });
            second.Send(new byte[] { 2 });
            Assert.That(group.WaitMessages(Limits.Long));
            var origins = new Dictionary<Connection, byte>();
            Limits.Until("both messages", () =>
            {
                using MessageBatch batch = group.Receive();
                foreach (Message message in batch)
                {
                    origins.Add(message.Connection, message.Payload[0]);
                }
                return origins.Count == 2;
            });
            Assert.That(origins[first], Is.EqualTo(2));
            Assert.That(origins[second], Is.EqualTo(1));
            group.Remove(first);
            second.Send(new byte[] { 3 });
            Assert.That(group.WaitMessages(Limits.InVain), Is.False);
            Assert.That(Pair.Receive(first, 1)[0], Is.EqualTo(new byte[] { 3 }));
        }

        [Test]
        public void AListenSocketHasTheMessagesOfItsConnections()
        {
            using var pair = new Pair();
            pair.ToServer.Send(new byte[] { 9 });
            Assert.That(pair.ToClient.WaitMessages(Limits.Long));
            using MessageBatch batch = pair.Socket.Receive();
            Assert.That(batch[0].Payload.ToArray(), Is.EqualTo(new byte[] { 9 }));
        }

        [Test]
        public void AFullSpanLeavesTheRestForTheNextCall()
        {
            using NetworkingSockets sockets = Pair.Make("str:alone");
            (Connection first, Connection second) = sockets.CreateSocketPair();
            for (byte number = 0; number < 5; number++)
            {
                first.Send(new[] { number });
            }
            var messages = new Message[3];
            using (MessageBatch batch = second.Receive(messages))
            {
                Assert.That(batch.Count, Is.EqualTo(3));
                Assert.That(messages[2].Payload[0], Is.EqualTo(2));
            }
            using (MessageBatch batch = second.Receive(messages))
            {
                Assert.That(batch.Count, Is.EqualTo(2));
                Assert.That(messages[1].Payload[0], Is.EqualTo(4));
            }
            using (MessageBatch batch = second.Receive(Span<Message>.Empty))
            {
                Assert.That(batch.Count, Is.Zero);
            }
        }

        [Test]
        public void AMessageIsNotReadableAfterItsBatch()
        {
            using NetworkingSockets sockets = Pair.Make("str:alone");
            (Connection first, Connection second) = sockets.CreateSocketPair();
            first.Send(new byte[] { 1 });
            MessageBatch batch = second.Receive();
            Message message = batch[0];
            Assert.That(() => batch[1], Throws.InstanceOf<ArgumentOutOfRangeException>());
            batch.Dispose();
            batch.Dispose();
            Assert.That(() => message.Payload.Length, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => batch[0], Throws.InstanceOf<ObjectDisposedException>());
            // Its memory is used again, and the old batch stays unreadable.
            first.Send(new byte[] { 2 });
            using (MessageBatch next = second.Receive())
            {
                Assert.That(next[0].Payload[0], Is.EqualTo(2));
                Assert.That(() => message.Size, Throws.InstanceOf<ObjectDisposedException>());
                batch.Dispose();
                Assert.That(next[0].Payload[0], Is.EqualTo(2));
            }
            Assert.That(() => default(Message).Size, Throws.InstanceOf<InvalidOperationException>());
            Assert.That(default(MessageBatch).Count, Is.Zero);
        }

        [Test]
        public void ABatchOutlivesItsConnectionAndItsInstance()
        {
            NetworkingSockets sockets = Pair.Make("str:alone");
            (Connection first, Connection second) = sockets.CreateSocketPair();
            byte[] payload = Pattern.Of(5000, 1);
            first.Send(payload);
            using MessageBatch batch = second.Receive();
            second.Dispose();
            Assert.That(batch[0].Payload.ToArray(), Is.EqualTo(payload));
            sockets.Dispose();
            Assert.That(batch[0].Payload.ToArray(), Is.EqualTo(payload));
        }

        [Test]
        public void AnUnreliableMessageMayHaveADeadlineAndAKey()
        {
            using NetworkingSockets sockets = Pair.Make("str:alone");
            (Connection first, Connection second) = sockets.CreateSocketPair(useNetworkLoopback: true);
            var options = new SendOptions
            {
                Flags = SendFlags.UnreliableNoNagle,
                Deadline = TimeSpan.FromSeconds(5),
                ReplaceKey = 3,
            };
            Assert.That(first.TrySend(new byte[] { 1 }, in options, out long number), Is.EqualTo(Result.Ok));
            Assert.That(number, Is.EqualTo(1));
            Assert.That(Pair.Receive(second, 1)[0], Is.EqualTo(new byte[] { 1 }));
        }
    }
}
