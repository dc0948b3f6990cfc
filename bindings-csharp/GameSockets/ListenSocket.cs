using System;
using System.Threading;

namespace GameSockets
{
    /// <summary>
    /// A bound UDP port that takes connections. Disposing it frees the port and destroys the connections that came in by
    /// it; their peers are not told.
    /// </summary>
    public sealed partial class ListenSocket : IDisposable
    {
        private int isClosed;

        internal ListenSocket(NetworkingSockets sockets, uint number)
        {
            Sockets = sockets;
            Handle = number;
        }

        /// <summary>Whose listen socket it is.</summary>
        public NetworkingSockets Sockets { get; }

        /// <summary>Its number in the API, which is never dealt twice.</summary>
        public uint Handle { get; }

        /// <summary>Whether it was closed.</summary>
        public bool IsClosed => Volatile.Read(ref isClosed) != 0;

        /// <summary>The bound address with its port, which the system chose if 0 was asked for.</summary>
        public string Address
        {
            get
            {
                ulong instance = Instance;
                unsafe
                {
                    return Utf8.Read((buffer, capacity, length) =>
                        NativeMethods.GetListenSocketAddress(instance, Handle, 1, buffer, capacity, length));
                }
            }
        }

        internal ulong Instance
        {
            get
            {
                if (IsClosed)
                {
                    throw new ObjectDisposedException(nameof(ListenSocket));
                }
                return Sockets.Instance;
            }
        }

        /// <summary>
        /// Takes messages of the connections that came in here. A <see cref="PollGroup"/> keeps the order of arrival, and
        /// costs less.
        /// </summary>
        /// <param name="max">How many at most.</param>
        public unsafe MessageBatch Receive(int max = 64)
        {
            NativeMessageBatch batch;
            NetworkingException.ThrowUnlessOk(NativeMethods.ReceiveMessagesOnListenSocket(
                Instance, Handle, (UIntPtr)Math.Max(0, max), &batch));
            return Sockets.Lend(in batch);
        }

        /// <summary>Frees the port. Disposing twice does nothing.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref isClosed, 1) == 0)
            {
                // Its instance may have ended before: then it is closed already.
                NativeMethods.CloseListenSocket(Sockets.InstanceNumber, Handle);
                GC.KeepAlive(Sockets);
                Sockets.ForgetListenSocket(Handle);
                WakeAll();
            }
        }
    }
}
