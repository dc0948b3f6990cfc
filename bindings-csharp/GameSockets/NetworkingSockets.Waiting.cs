using System;
using System.Diagnostics;

namespace GameSockets
{
    public sealed partial class NetworkingSockets
    {
        /// <summary>
        /// A thread that blocks in native code can be neither interrupted nor unloaded with its domain: so it comes back this
        /// often (ms).
        /// </summary>
        private const uint Slice = 100;

        /// <summary>Waits until <see cref="Poll"/> has something to do, blocking this thread.</summary>
        /// <param name="timeout">How long; negative: without end.</param>
        /// <returns><c>false</c> when nothing came in time.</returns>
        public bool WaitEvents(TimeSpan timeout)
        {
            return Wait(timeout, null, WaitTopic.Events, 0);
        }

        /// <summary>Waits for something about a connection or a poll group.</summary>
        internal bool Wait(TimeSpan timeout, Connection connection, WaitTopic topic, uint source)
        {
            long started = Stopwatch.GetTimestamp();
            while (true)
            {
                TimeSpan waited = TimeSpan.FromSeconds((Stopwatch.GetTimestamp() - started) / (double)Stopwatch.Frequency);
                TimeSpan left = timeout - waited;
                bool isLast = timeout >= TimeSpan.Zero && left.TotalMilliseconds <= Slice;
                uint slice = isLast ? (uint)Math.Max(0, Math.Ceiling(left.TotalMilliseconds)) : Slice;
                ulong instance = connection == null ? Instance : connection.Instance;
                Result result = WaitSlice(instance, topic, source, slice, out bool came);
                GC.KeepAlive(this);
                if (result != Result.Ok && (IsDisposed || (connection != null && connection.IsClosed)))
                {
                    throw new ObjectDisposedException(connection == null ? nameof(NetworkingSockets) : nameof(Connection));
                }
                NetworkingException.ThrowUnlessOk(result);
                if (came || isLast)
                {
                    return came;
                }
            }
        }

        private static unsafe Result WaitSlice(ulong instance, WaitTopic topic, uint source, uint slice, out bool came)
        {
            byte answer = 0;
            Result result;
            switch (topic)
            {
                case WaitTopic.Messages:
                    result = NativeMethods.WaitMessages(instance, source, slice, &answer);
                    break;
                case WaitTopic.Writable:
                    result = NativeMethods.WaitWritable(instance, source, slice, &answer);
                    break;
                default:
                    result = NativeMethods.WaitEvents(instance, slice, &answer);
                    break;
            }
            came = answer != 0;
            return result;
        }

        internal MessageBatch Lend(in NativeMessageBatch batch)
        {
            GC.KeepAlive(this);
            if (batch.Handle == 0)
            {
                return default;
            }
            MessageBuffer buffer = Buffers.Take();
            return new MessageBatch(buffer, buffer.Fill(in batch));
        }
    }
}
