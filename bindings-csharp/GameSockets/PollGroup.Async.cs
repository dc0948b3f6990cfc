using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace GameSockets
{
    public sealed partial class PollGroup
    {
        /// <summary>
        /// Completes with messages of any of its connections, at least one. Dispose the batch when they are dealt with.
        /// </summary>
        /// <param name="max">How many at most.</param>
        /// <param name="cancellation">Takes nothing then.</param>
        /// <exception cref="ObjectDisposedException">The group was destroyed.</exception>
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
                try
                {
                    await Sockets.Until(WaitTopic.Messages, Handle, cancellation).ConfigureAwait(false);
                }
                catch (NetworkingException) when (IsClosed)
                {
                    throw new ObjectDisposedException(nameof(PollGroup));
                }
            }
        }

        /// <summary>
        /// Batch after batch, until the group is destroyed. Each is disposed when the next is asked for.
        /// </summary>
        public async IAsyncEnumerable<MessageBatch> ReceiveAllAsync(
            int max = 64, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            while (!IsClosed)
            {
                MessageBatch batch;
                try
                {
                    batch = await ReceiveAsync(max, cancellation).ConfigureAwait(false);
                }
                catch (ObjectDisposedException)
                {
                    yield break;
                }
                using (batch)
                {
                    yield return batch;
                }
            }
        }
    }
}
