namespace GameSockets
{
    /// <summary>Buffers that are free, so that receiving allocates nothing.</summary>
    internal sealed class MessageBufferPool
    {
        private readonly NetworkingSockets sockets;
        private readonly MessageBuffer[] free = new MessageBuffer[64];
        private int count;

        internal MessageBufferPool(NetworkingSockets sockets)
        {
            this.sockets = sockets;
        }

        internal MessageBuffer Take()
        {
            lock (free)
            {
                if (count > 0)
                {
                    count--;
                    MessageBuffer buffer = free[count];
                    free[count] = null;
                    return buffer;
                }
            }
            return new MessageBuffer(sockets);
        }

        internal void GiveBack(MessageBuffer buffer)
        {
            lock (free)
            {
                if (count < free.Length)
                {
                    free[count] = buffer;
                    count++;
                }
            }
        }
    }
}
