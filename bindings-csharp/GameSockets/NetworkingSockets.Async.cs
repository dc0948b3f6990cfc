using System;
using System.Threading;
using System.Threading.Tasks;

namespace GameSockets
{
    public sealed partial class NetworkingSockets
    {
        private readonly object waiterGate = new object();
        private AsyncWaiter waiter;

        /// <summary>
        /// Connects, and completes when the connection stands. Works whether somebody calls <see cref="Poll"/> or not.
        /// </summary>
        /// <param name="address">Such as <c>127.0.0.1:27015</c> or <c>[::1]:27015</c>.</param>
        /// <param name="cancellation">Closes the connection.</param>
        /// <param name="options">Options of this connection.</param>
        /// <exception cref="NetworkingException">
        /// It failed: <see cref="NetworkingException.EndReason"/> tells why. The connection is closed then.
        /// </exception>
        public async Task<Connection> ConnectAsync(
            string address, CancellationToken cancellation = default, params ConfigOption[] options)
        {
            cancellation.ThrowIfCancellationRequested();
            Connection connection = ConnectByIPAddress(address, options);
            try
            {
                await connection.UntilConnected(cancellation).ConfigureAwait(false);
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }

        internal Task Until(WaitTopic topic, uint source, CancellationToken cancellation)
        {
            return Waiter().Until(topic, Instance, source, cancellation);
        }

        /// <summary>Takes events until the task has completed, unless somebody else takes them.</summary>
        internal async Task TakeEventsUntil(Task task, CancellationToken cancellation)
        {
            while (!task.IsCompleted)
            {
                using (var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
                {
                    Task events = Until(WaitTopic.Events, 0, either.Token);
                    await Task.WhenAny(task, events).ConfigureAwait(false);
                    either.Cancel();
                    // Observed, lest it be reported as unobserved.
                    await Task.WhenAny(events).ConfigureAwait(false);
                }
                cancellation.ThrowIfCancellationRequested();
                _ = Instance;
                TakeInBackground();
            }
            await task.ConfigureAwait(false);
        }

        private AsyncWaiter Waiter()
        {
            lock (waiterGate)
            {
                _ = Instance;
                return waiter ??= new AsyncWaiter(this);
            }
        }

        private void CloseWaiter()
        {
            AsyncWaiter last;
            lock (waiterGate)
            {
                last = waiter;
            }
            last?.Close();
        }

        /// <summary>Tells the async calls that wait for it.</summary>
        private void NoteStatus(Connection connection, in ConnectionInfo info)
        {
            connection.NoteStatus(in info);
            if (info.ConnectionState == ConnectionState.Connecting && info.ListenSocket != 0
                && listenSockets.TryGetValue(info.ListenSocket, out ListenSocket socket))
            {
                socket.NoteIncoming(connection);
            }
        }
    }
}
