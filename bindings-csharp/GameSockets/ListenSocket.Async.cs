using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace GameSockets
{
    public sealed partial class ListenSocket
    {
        /// <summary>Those that nobody has accepted yet; none before somebody asks.</summary>
        private readonly Queue<Connection> incoming = new Queue<Connection>();
        private TaskCompletionSource<bool> arrival;
        private bool isAsked;

        /// <summary>
        /// Accepts the next connection, and completes when it stands. Those that come to nothing are closed and passed over.
        /// Works whether somebody calls <see cref="NetworkingSockets.Poll"/> or not; who accepts so should not accept in a
        /// handler too.
        /// </summary>
        /// <param name="cancellation">A connection that was just being accepted is closed.</param>
        /// <exception cref="ObjectDisposedException">The listen socket was closed.</exception>
        public async Task<Connection> AcceptAsync(CancellationToken cancellation = default)
        {
            while (true)
            {
                Connection connection = await NextIncoming(cancellation).ConfigureAwait(false);
                try
                {
                    connection.Accept();
                    await connection.UntilConnected(cancellation).ConfigureAwait(false);
                    return connection;
                }
                catch (NetworkingException)
                {
                    connection.Dispose();
                }
                catch (ObjectDisposedException) when (!IsClosed && !Sockets.IsDisposed)
                {
                    // Somebody else has closed it.
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            }
        }

        /// <summary>Connection after connection, until the listen socket is closed.</summary>
        public async IAsyncEnumerable<Connection> AcceptAllAsync(
            [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            while (!IsClosed)
            {
                Connection connection;
                try
                {
                    connection = await AcceptAsync(cancellation).ConfigureAwait(false);
                }
                catch (ObjectDisposedException)
                {
                    yield break;
                }
                yield return connection;
            }
        }

        internal void NoteIncoming(Connection connection)
        {
            lock (incoming)
            {
                if (isAsked)
                {
                    incoming.Enqueue(connection);
                    arrival?.TrySetResult(true);
                }
            }
        }

        private async Task<Connection> NextIncoming(CancellationToken cancellation)
        {
            while (true)
            {
                Task arrived;
                lock (incoming)
                {
                    _ = Instance;
                    isAsked = true;
                    if (incoming.Count > 0)
                    {
                        return incoming.Dequeue();
                    }
                    if (arrival == null || arrival.Task.IsCompleted)
                    {
                        arrival = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                    }
                    arrived = arrival.Task;
                }
                await Sockets.TakeEventsUntil(arrived, cancellation).ConfigureAwait(false);
            }
        }

        private void WakeAll()
        {
            lock (incoming)
            {
                arrival?.TrySetResult(true);
            }
        }
    }
}
