using System;
using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>Many threads at once.</summary>
    public sealed class ThreadTests
    {
        private const int Threads = 8;
        private const int MessagesEach = 2_000;

        [Test]
        public void EightThreadsShareAConnection()
        {
            using var pair = new Pair();
            int received = 0;
            long sum = 0;
            var counts = new int[Threads];
            RunTogether(index =>
            {
                if (index % 2 == 0)
                {
                    for (int number = 0; number < MessagesEach; number++)
                    {
                        Pair.Send(pair.ToServer, BitConverter.GetBytes(number));
                    }
                    return;
                }
                while (Volatile.Read(ref received) < Threads / 2 * MessagesEach)
                {
                    using (MessageBatch batch = pair.ToClient.Receive(16))
                    {
                        foreach (Message message in batch)
                        {
                            Interlocked.Add(ref sum, BitConverter.ToInt32(message.Payload.ToArray(), 0));
                        }
                        Interlocked.Add(ref received, batch.Count);
                    }
                    pair.Server.Poll();
                    pair.Client.Poll();
                }
            });
            Assert.That(sum, Is.EqualTo(Threads / 2 * (MessagesEach * (MessagesEach - 1L) / 2)));
        }

        [Test]
        public void EightThreadsHaveAnInstanceEach()
        {
            RunTogether(index =>
            {
                for (int round = 0; round < 5; round++)
                {
                    using NetworkingSockets sockets = Pair.Make("str:thread" + index);
                    (Connection first, Connection second) = sockets.CreateSocketPair(useNetworkLoopback: true);
                    byte[] payload = Pattern.Of(2000, (ulong)index);
                    Pair.Send(first, payload);
                    Assert.That(Pair.Receive(second, 1)[0], Is.EqualTo(payload));
                }
            });
        }

        [Test]
        public void AnInstanceEndsUnderTheThreadsThatUseIt()
        {
            for (int round = 0; round < 10; round++)
            {
                NetworkingSockets sockets = Pair.Make("str:alone");
                (Connection first, Connection second) = sockets.CreateSocketPair();
                int ready = 0;
                RunTogether(index =>
                {
                    if (Interlocked.Increment(ref ready) == Threads)
                    {
                        sockets.Dispose();
                        return;
                    }
                    Assert.That(() => UseForEver(sockets, first, second, index), Throws.InstanceOf<ObjectDisposedException>());
                });
            }
        }

        private static void UseForEver(NetworkingSockets sockets, Connection first, Connection second, int index)
        {
            while (true)
            {
                switch (index % 4)
                {
                    case 0:
                        first.TrySend(new byte[10]);
                        sockets.Poll();
                        break;
                    case 1:
                        second.Receive().Dispose();
                        break;
                    case 2:
                        second.WaitMessages(Limits.Long);
                        second.Receive().Dispose();
                        break;
                    default:
                        sockets.WaitEvents(TimeSpan.FromMilliseconds(1));
                        _ = first.Info;
                        break;
                }
            }
        }

        private static void RunTogether(Action<int> body)
        {
            var failures = new List<Exception>();
            var threads = new Thread[Threads];
            for (int index = 0; index < Threads; index++)
            {
                int number = index;
                threads[index] = new Thread(() =>
                {
                    try
                    {
                        body(number);
                    }
                    catch (Exception error)
                    {
                        lock (failures)
                        {
                            failures.Add(error);
                        }
                    }
                });
                threads[index].Start();
            }
            foreach (Thread thread in threads)
            {
                thread.JoinInTime();
            }
            Assert.That(failures, Is.Empty);
        }
    }
}
