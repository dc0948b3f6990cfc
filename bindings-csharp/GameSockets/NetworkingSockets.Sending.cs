using System;
using System.Buffers;

namespace GameSockets
{
    public sealed partial class NetworkingSockets
    {
        /// <summary>
        /// Queues many messages with one call. After the first failure on a connection, later ones for it are not tried.
        /// </summary>
        /// <param name="messages">What to send, on connections of this instance.</param>
        /// <param name="outcomes">
        /// For each: the number of the message; a negative <see cref="Result"/>; or 0 when it was not tried.
        /// </param>
        public unsafe void SendMessages(OutgoingMessage[] messages, long[] outcomes)
        {
            if (messages == null || outcomes == null)
            {
                throw new ArgumentNullException(messages == null ? nameof(messages) : nameof(outcomes));
            }
            if (outcomes.Length < messages.Length)
            {
                throw new ArgumentException(
                    messages.Length + " messages, but room for " + outcomes.Length + " outcomes.", nameof(outcomes));
            }
            NativeOutgoingMessage[] natives = ArrayPool<NativeOutgoingMessage>.Shared.Rent(messages.Length);
            MemoryHandle[] pins = ArrayPool<MemoryHandle>.Shared.Rent(messages.Length);
            int pinned = 0;
            try
            {
                for (; pinned < messages.Length; pinned++)
                {
                    ref readonly OutgoingMessage message = ref messages[pinned];
                    pins[pinned] = message.Payload.Pin();
                    natives[pinned] = Native(in message, (byte*)pins[pinned].Pointer);
                }
                fixed (NativeOutgoingMessage* start = natives)
                fixed (long* answers = outcomes)
                {
                    NetworkingException.ThrowUnlessOk(
                        NativeMethods.SendMessages(Instance, start, (UIntPtr)messages.Length, answers));
                }
            }
            finally
            {
                for (int index = 0; index < pinned; index++)
                {
                    pins[index].Dispose();
                }
                ArrayPool<MemoryHandle>.Shared.Return(pins, true);
                ArrayPool<NativeOutgoingMessage>.Shared.Return(natives);
            }
            GC.KeepAlive(this);
        }

        private unsafe NativeOutgoingMessage Native(in OutgoingMessage message, byte* payload)
        {
            if (message.Connection?.Sockets != this)
            {
                throw new ArgumentException("A message for a connection of another NetworkingSockets.");
            }
            return new NativeOutgoingMessage
            {
                Connection = message.Connection.Handle,
                Flags = (int)message.Flags,
                Payload = payload,
                Size = (uint)message.Payload.Length,
                Lane = (ushort)message.Lane,
            };
        }
    }
}
