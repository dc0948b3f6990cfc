using System;

namespace GameSockets
{
    /// <summary>
    /// Messages that were received with one call. Dispose it when they are dealt with: that frees their payloads, all at
    /// once. Nothing of it is allocated on the managed heap.
    /// </summary>
    public readonly struct MessageBatch : IDisposable
    {
        private readonly MessageBuffer buffer;
        private readonly int version;

        internal MessageBatch(MessageBuffer buffer, int version)
        {
            this.buffer = buffer;
            this.version = version;
        }

        /// <summary>How many messages there are.</summary>
        /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
        public int Count => buffer == null ? 0 : buffer.Count(version);

        /// <summary>One of the messages.</summary>
        /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
        public Message this[int index]
        {
            get
            {
                if ((uint)index >= (uint)Count)
                {
                    throw new ArgumentOutOfRangeException(nameof(index));
                }
                return new Message(buffer, version, index);
            }
        }

        /// <summary>One message after the other.</summary>
        public Enumerator GetEnumerator()
        {
            return new Enumerator(this);
        }

        /// <summary>Frees the payloads. Disposing twice does nothing.</summary>
        public void Dispose()
        {
            if (buffer != null && buffer.Release(version))
            {
                buffer.Sockets.Buffers.GiveBack(buffer);
            }
        }

        internal MessageBatch CopyTo(Span<Message> messages)
        {
            int count = Count;
            for (int index = 0; index < count; index++)
            {
                messages[index] = new Message(buffer, version, index);
            }
            return this;
        }

        /// <summary>Goes through a batch.</summary>
        public struct Enumerator
        {
            private readonly MessageBatch batch;
            private readonly int count;
            private int index;

            internal Enumerator(MessageBatch batch)
            {
                this.batch = batch;
                count = batch.Count;
                index = -1;
            }

            /// <summary>The message it stands at.</summary>
            public Message Current => new Message(batch.buffer, batch.version, index);

            /// <summary>Goes on to the next.</summary>
            public bool MoveNext()
            {
                index++;
                return index < count;
            }
        }
    }
}
