using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace GameSockets
{
    public sealed partial class Connection
    {
        private readonly object statusGate = new object();
        private TaskCompletionSource<bool> connected;

        /// <summary>
        /// Completes with the messages that have arrived, at least one. Dispose the batch when they are dealt with.
        /// </summary>
        /// <param name="max">How many at most.</param>
        /// <param name="cancellation">Takes nothing then.</param>
        /// <exception cref="NetworkingException">The connection has ended, and everything was received.</exception>
        /// <exception cref="ObjectDisposedException">The connection was closed here.</exception>
        public async ValueTask<MessageBatch> ReceiveAsync(int max = 64, CancellationToken cancellation = default)
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                MessageBatch batch = Receive(Math.Max(1, max));
                if (batch.Count > 0)
                {
                    return batch;
                }
                await Until(WaitTopic.Messages, cancellation).ConfigureAwait(false);
            }
        }

        /// <summary>
        /// Batch after batch, until the connection ends. Each is disposed when the next is asked for.
        /// </summary>
        public async IAsyncEnumerable<MessageBatch> ReceiveAllAsync(
            int max = 64, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            while (true)
            {
                MessageBatch batch;
                try
                {
                    batch = await ReceiveAsync(max, cancellation).ConfigureAwait(false);
                }
                catch (NetworkingException ended) when (ended.Result == Result.NoConnection)
                {
                    yield break;
                }
                using (batch)
                {
                    yield return batch;
                }
            }
        }

        /// <summary>Queues a message, and waits for room if there is none.</summary>
        /// <returns>The number of the message: per lane, from 1.</returns>
        /// <exception cref="NetworkingException">It was refused for another reason; see <c>TrySend</c>.</exception>
        public async ValueTask<long> SendAsync(
            ReadOnlyMemory<byte> payload, SendFlags flags = SendFlags.Reliable, int lane = 0,
            CancellationToken cancellation = default)
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                Result result = TrySend(payload.Span, flags, lane, out long number);
                if (result == Result.Ok)
                {
                    return number;
                }
                if (result != Result.LimitExceeded)
                {
                    return Send(payload.Span, flags, lane);
                }
                await Until(WaitTopic.Writable, cancellation).ConfigureAwait(false);
            }
        }

        /// <summary>Completes when it is connected, or fails with why it is not.</summary>
        internal async Task UntilConnected(CancellationToken cancellation)
        {
            TaskCompletionSource<bool> source;
            lock (statusGate)
            {
                source = connected ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            // What was told before.
            ConnectionInfo info = Info;
            NoteStatus(in info);
            await Sockets.TakeEventsUntil(source.Task, cancellation).ConfigureAwait(false);
        }

        internal void NoteStatus(in ConnectionInfo info)
        {
            TaskCompletionSource<bool> source;
            lock (statusGate)
            {
                source = connected;
            }
            switch (info.ConnectionState)
            {
                case ConnectionState.Connected:
                    source?.TrySetResult(true);
                    break;
                case ConnectionState.ClosedByPeer:
                case ConnectionState.ProblemDetectedLocally:
                    source?.TrySetException(new NetworkingException(in info));
                    break;
            }
        }

        private async Task Until(WaitTopic topic, CancellationToken cancellation)
        {
            try
            {
                await Sockets.Until(topic, Handle, cancellation).ConfigureAwait(false);
            }
            catch (NetworkingException) when (IsClosed)
            {
                throw new ObjectDisposedException(nameof(Connection));
            }
        }
    }
}
