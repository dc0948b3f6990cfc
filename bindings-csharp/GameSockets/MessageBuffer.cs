using System;

namespace GameSockets
{
    /// <summary>The native memory of one batch after the other. Buffers are used again, under a new version.</summary>
    internal sealed unsafe class MessageBuffer
    {
        private readonly object gate = new object();
        private NativeMessageBatch batch;
        private volatile int version;

        internal MessageBuffer(NetworkingSockets sockets)
        {
            Sockets = sockets;
        }

        /// <summary>A batch that nobody disposed is freed with its buffer.</summary>
        ~MessageBuffer()
        {
            if (batch.Handle != 0)
            {
                NativeMethods.ReleaseMessages(batch.Handle);
            }
        }

        internal NetworkingSockets Sockets { get; }

        /// <summary>Takes over a batch; answers the version under which it can be read.</summary>
        internal int Fill(in NativeMessageBatch received)
        {
            batch = received;
            return version;
        }

        internal int Count(int expected)
        {
            Check(expected);
            return (int)batch.Count;
        }

        internal ref readonly MessageRecord Record(int expected, int index)
        {
            Check(expected);
            return ref batch.Messages[index];
        }

        /// <summary>Frees the batch of this version; <c>false</c> if that was done before.</summary>
        internal bool Release(int expected)
        {
            ulong handle;
            lock (gate)
            {
                if (version != expected || batch.Handle == 0)
                {
                    return false;
                }
                version = unchecked(expected + 1);
                handle = batch.Handle;
                batch = default;
            }
            NativeMethods.ReleaseMessages(handle);
            return true;
        }

        private void Check(int expected)
        {
            if (version != expected)
            {
                throw new ObjectDisposedException(nameof(MessageBatch), "The batch of this message was disposed.");
            }
        }
    }
}
