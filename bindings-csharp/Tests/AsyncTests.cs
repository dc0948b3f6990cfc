using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>Connecting, accepting, receiving and sending without a thread that waits; cancelling each.</summary>
    public sealed class AsyncTests
    {
        [Test]
        public async Task BothEndsWithoutPolling()
        {
            using NetworkingSockets server = Pair.Make("str:server");
            using NetworkingSockets client = Pair.Make("str:client");
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            Task<Connection> accepting = socket.AcceptAsync();
            Connection toServer = await client.ConnectAsync(socket.Address).InTime();
            Connection toClient = await accepting.InTime();
            Assert.That(toServer.State, Is.EqualTo(ConnectionState.Connected));
            Task<MessageBatch> receiving = toClient.ReceiveAsync().AsTask();
            Assert.That(receiving.IsCompleted, Is.False);
            byte[] payload = Pattern.Of(20_000, 4);
            Assert.That(await toServer.SendAsync(payload), Is.EqualTo(1));
            using MessageBatch batch = await receiving.InTime();
            Assert.That(batch[0].Payload.ToArray(), Is.EqualTo(payload));
        }

        [Test]
        public async Task ManyClientsAreServedAtOnce()
        {
            const int Clients = 10;
            using NetworkingSockets server = Pair.Make("str:server");
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            Task serving = Serve(socket);
            string address = socket.Address;
            var clients = new List<Task>();
            for (int number = 0; number < Clients; number++)
            {
                clients.Add(Ask(address, (byte)number));
            }
            await Task.WhenAll(clients).InTime();
            socket.Dispose();
            await serving.InTime();
        }

        [Test]
        public async Task ConnectingAndAcceptingGoOnBesidePolling()
        {
            using NetworkingSockets server = Pair.Make("str:server");
            using NetworkingSockets client = Pair.Make("str:client");
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            int told = 0;
            server.ConnectionStatusChanged += (in ConnectionStatusChange change) => told++;
            Task<Connection> accepting = socket.AcceptAsync();
            Task<Connection> connecting = client.ConnectAsync(socket.Address);
            Limits.Until("both", () =>
            {
                server.Poll();
                client.Poll();
                return accepting.IsCompleted && connecting.IsCompleted;
            });
            await accepting;
            await connecting;
            Limits.Until("the events", () => server.Poll() >= 0 && told == 2);
        }

        [Test]
        public async Task AFailedConnectionTellsWhy()
        {
            using NetworkingSockets client = Pair.Make("str:client");
            using var address = new FreeAddress();
            Task<Connection> connecting =
                client.ConnectAsync(address.Text, default, new ConfigOption(ConfigValue.TimeoutInitial, 200));
            NetworkingException error = await Failure<NetworkingException>(connecting);
            Assert.That(error.Result, Is.EqualTo(Result.NoConnection));
            Assert.That((int)error.EndReason, Is.GreaterThan(1000));
        }

        [Test]
        public async Task ReceivingEndsWithTheConnection()
        {
            using var pair = new Pair();
            Task<MessageBatch> receiving = pair.ToClient.ReceiveAsync().AsTask();
            pair.ToServer.Close(1002);
            NetworkingException error = await Failure<NetworkingException>(receiving);
            Assert.That(error.Result, Is.EqualTo(Result.NoConnection));
        }

        [Test]
        public async Task ReceivingAllEndsQuietly()
        {
            using var pair = new Pair();
            for (byte number = 0; number < 50; number++)
            {
                pair.ToServer.Send(new[] { number });
            }
            pair.ToServer.Close(1001, null, linger: true);
            int count = 0;
            await foreach (MessageBatch batch in pair.ToClient.ReceiveAllAsync(7))
            {
                foreach (Message message in batch)
                {
                    Assert.That(message.FirstByte(), Is.EqualTo(count));
                    count++;
                }
            }
            Assert.That(count, Is.EqualTo(50));
        }

        [Test]
        public async Task SendingWaitsForRoom()
        {
            using var pair = new Pair();
            const int Count = 30;
            byte[] payload = Pattern.Of(100_000, 2);
            Task sending = Task.Run(async () =>
            {
                for (int index = 0; index < Count; index++)
                {
                    await pair.ToServer.SendAsync(payload);
                }
            });
            Assert.That(await Task.Run(() => Pair.Receive(pair.ToClient, Count)).InTime(), Has.All.EqualTo(payload));
            await sending.InTime();
        }

        [Test]
        public async Task EveryCallCanBeCancelled()
        {
            using var pair = new Pair();
            using var address = new FreeAddress();
            while (pair.ToServer.TrySend(new byte[500_000]) == Result.Ok)
            {
            }
            var calls = new Func<CancellationToken, Task>[]
            {
                token => pair.ToServer.ReceiveAsync(1, token).AsTask(),
                token => pair.Socket.AcceptAsync(token),
                token => pair.Client.ConnectAsync(address.Text, token),
                token => pair.ToServer.SendAsync(new byte[500_000], SendFlags.Reliable, 0, token).AsTask(),
            };
            foreach (Func<CancellationToken, Task> call in calls)
            {
                using var source = new CancellationTokenSource();
                Task task = call(source.Token);
                Assert.That(task.IsCompleted, Is.False);
                source.Cancel();
                await Failure<OperationCanceledException>(task);
                await Failure<OperationCanceledException>(call(source.Token));
            }
        }

        [Test]
        public async Task ACancelledReceiveLosesNothing()
        {
            using var pair = new Pair();
            for (byte number = 0; number < 100; number++)
            {
                using var source = new CancellationTokenSource();
                Task<MessageBatch> receiving = pair.ToClient.ReceiveAsync(1, source.Token).AsTask();
                pair.ToServer.Send(new[] { number }, SendFlags.ReliableNoNagle);
                source.Cancel();
                try
                {
                    using MessageBatch batch = await receiving.InTime();
                    Assert.That(batch[0].FirstByte(), Is.EqualTo(number));
                }
                catch (OperationCanceledException)
                {
                    Assert.That((await Task.Run(() => Pair.Receive(pair.ToClient, 1)))[0][0], Is.EqualTo(number));
                }
            }
        }

        [Test]
        public async Task DisposingEndsEveryCall()
        {
            var pair = new Pair();
            using var address = new FreeAddress();
            using PollGroup group = pair.Client.CreatePollGroup();
            Task[] tasks =
            {
                pair.ToServer.ReceiveAsync().AsTask(), group.ReceiveAsync().AsTask(), pair.Socket.AcceptAsync(),
                pair.Client.ConnectAsync(address.Text),
            };
            pair.Dispose();
            foreach (Task task in tasks)
            {
                await Failure<ObjectDisposedException>(task);
            }
        }

        [Test]
        public async Task ClosingEndsWhatWaitsForIt()
        {
            using var pair = new Pair();
            PollGroup group = pair.Client.CreatePollGroup();
            Task receiving = pair.ToServer.ReceiveAsync().AsTask();
            Task gathering = group.ReceiveAsync().AsTask();
            Task accepting = pair.Socket.AcceptAsync();
            pair.ToServer.Dispose();
            await Failure<ObjectDisposedException>(receiving);
            group.Dispose();
            await Failure<ObjectDisposedException>(gathering);
            pair.Socket.Dispose();
            await Failure<ObjectDisposedException>(accepting);
        }

        private static async Task<T> Failure<T>(Task task)
            where T : Exception
        {
            try
            {
                await task.InTime();
            }
            catch (T error)
            {
                return error;
            }
            Assert.Fail("it should fail");
            return null;
        }

        private static async Task Serve(ListenSocket socket)
        {
            var all = new List<Task>();
            await foreach (Connection connection in socket.AcceptAllAsync())
            {
                all.Add(Echo(connection));
            }
            await Task.WhenAll(all);
        }

        private static async Task Echo(Connection connection)
        {
            try
            {
                await foreach (MessageBatch batch in connection.ReceiveAllAsync())
                {
                    foreach (Message message in batch)
                    {
                        connection.Send(message.Payload);
                    }
                }
            }
            catch (ObjectDisposedException)
            {
                // The listen socket was closed.
            }
            catch (NetworkingException)
            {
                // It ended meanwhile.
            }
        }

        private static async Task Ask(string address, byte number)
        {
            using NetworkingSockets client = Pair.Make("str:client" + number);
            Connection connection = await client.ConnectAsync(address);
            for (int round = 0; round < 20; round++)
            {
                byte[] payload = Pattern.Of(1 + (100 * round), number);
                await connection.SendAsync(payload, SendFlags.ReliableNoNagle);
                using MessageBatch batch = await connection.ReceiveAsync();
                Assert.That(batch[0].Payload.ToArray(), Is.EqualTo(payload));
            }
        }
    }
}
