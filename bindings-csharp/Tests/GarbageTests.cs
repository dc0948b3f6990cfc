using System;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>Nothing is allocated per message.</summary>
    public sealed class GarbageTests
    {
        private const int Messages = 100_000;
        private const int AtOnce = 100;

        [Test]
        public void SendingAndReceivingAllocateNothing()
        {
            using NetworkingSockets sockets = Pair.Make("str:alone");
            (Connection first, Connection second) = sockets.CreateSocketPair();
            Check(first, second, () => second.Receive(AtOnce));
        }

        [Test]
        public void APollGroupAllocatesNothing()
        {
            using NetworkingSockets sockets = Pair.Make("str:alone");
            (Connection first, Connection second) = sockets.CreateSocketPair();
            using PollGroup group = sockets.CreatePollGroup();
            group.Add(second);
            Check(first, second, () => group.Receive(AtOnce));
        }

        [Test]
        public void OverUdpNothingIsAllocatedEither()
        {
            using var pair = new Pair();
            Check(pair.ToServer, pair.ToClient, () => pair.ToClient.Receive(AtOnce));
        }

        private static void Check(Connection from, Connection to, Func<MessageBatch> receive)
        {
            byte[] payload = Pattern.Of(100, 1);
            // Code is compiled and buffers grow.
            int sum = Pass(from, to, receive, payload, 1000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            sum += Pass(from, to, receive, payload, Messages);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(sum, Is.EqualTo((1000 + Messages) * payload.Length));
            Assert.That(allocated, Is.Zero, "bytes on the managed heap for " + Messages + " messages");
        }

        /// <summary>Sends and receives; answers with how many bytes came unchanged.</summary>
        private static int Pass(Connection from, Connection to, Func<MessageBatch> receive, byte[] payload, int count)
        {
            int bytes = 0;
            for (int sent = 0; sent < count; sent += AtOnce)
            {
                for (int index = 0; index < AtOnce; index++)
                {
                    if (from.TrySend(payload) != Result.Ok)
                    {
                        return -1;
                    }
                }
                for (int received = 0; received < AtOnce;)
                {
                    if (!to.WaitMessages(Limits.Long))
                    {
                        return -1;
                    }
                    using (MessageBatch batch = receive())
                    {
                        received += batch.Count;
                        foreach (Message message in batch)
                        {
                            bytes += message.Payload.SequenceEqual(payload) ? message.Size : 0;
                            received += message.Connection == to ? 0 : 1_000_000;
                        }
                    }
                }
            }
            return bytes;
        }
    }
}
