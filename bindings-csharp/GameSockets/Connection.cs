using System;
using System.Threading;

namespace GameSockets
{
    /// <summary>
    /// One end of a connection. Disposing it closes it (reason 1000) without waiting for what was not delivered; see
    /// <see cref="Close"/>. A connection that the peer or the network has ended stays readable until it is disposed.
    /// </summary>
    /// <remarks>
    /// It is closed at the latest with its <see cref="NetworkingSockets"/>. Once closed, calls throw
    /// <see cref="ObjectDisposedException"/>, and <c>TrySend</c> answers <see cref="Result.InvalidParam"/>.
    /// </remarks>
    public sealed partial class Connection : IDisposable
    {
        private int isClosed;

        internal Connection(NetworkingSockets sockets, uint number, bool isClosed)
        {
            Sockets = sockets;
            Handle = number;
            this.isClosed = isClosed ? 1 : 0;
        }

        /// <summary>Whose connection it is.</summary>
        public NetworkingSockets Sockets { get; }

        /// <summary>Its number in the API, which is never dealt twice.</summary>
        public uint Handle { get; }

        /// <summary>Whether it was closed here. What the peer does is told by <see cref="Info"/>.</summary>
        public bool IsClosed => Volatile.Read(ref isClosed) != 0;

        /// <summary>What is known about it: its peer, its state, why it ended.</summary>
        public unsafe ConnectionInfo Info
        {
            get
            {
                ConnectionInfo info;
                Check(NativeMethods.GetConnectionInfo(Instance, Handle, &info));
                return info;
            }
        }

        /// <summary>Its state.</summary>
        public ConnectionState State => Info.ConnectionState;

        /// <summary>A label for logs, empty unless set.</summary>
        public unsafe string Name
        {
            get
            {
                ulong instance = Instance;
                string name = Utf8.Read((buffer, capacity, length) =>
                    NativeMethods.GetConnectionName(instance, Handle, buffer, capacity, length));
                GC.KeepAlive(Sockets);
                return name;
            }

            set
            {
                byte[] text = Utf8.Bytes(value);
                fixed (byte* start = text)
                {
                    Check(NativeMethods.SetConnectionName(Instance, Handle, start, (UIntPtr)text.Length));
                }
            }
        }

        /// <summary>A number of the application's own; -1 unless set. Messages and events carry it.</summary>
        public unsafe long UserData
        {
            get
            {
                long number;
                Check(NativeMethods.GetConnectionUserData(Instance, Handle, &number));
                return number;
            }

            set => Check(NativeMethods.SetConnectionUserData(Instance, Handle, value));
        }

        internal ulong Instance
        {
            get
            {
                if (IsClosed)
                {
                    throw new ObjectDisposedException(nameof(Connection));
                }
                return Sockets.Instance;
            }
        }

        /// <summary>Accepts an incoming connection in state <see cref="ConnectionState.Connecting"/>.</summary>
        /// <exception cref="NetworkingException">It was accepted already, is gone, or was started here.</exception>
        public void Accept()
        {
            Check(NativeMethods.AcceptConnection(Instance, Handle));
        }

        /// <summary>Ends the connection. Messages that were not received are dropped. Closing twice does nothing.</summary>
        /// <param name="reason">For the peer: 1000 to 1999 for a normal end, 2000 to 2999 for an unusual one.</param>
        /// <param name="debug">For the peer's log, at most 127 bytes.</param>
        /// <param name="linger">Whether reliable messages are delivered first.</param>
        public unsafe void Close(int reason = 0, string debug = null, bool linger = false)
        {
            if (!MarkClosed())
            {
                return;
            }
            Sockets.Forget(Handle);
            byte[] text = Utf8.Bytes(debug);
            fixed (byte* start = text)
            {
                // Its instance may have ended before: then it is closed already.
                NativeMethods.CloseConnection(
                    Sockets.InstanceNumber, Handle, reason, start, (UIntPtr)text.Length, linger ? (byte)1 : (byte)0);
            }
            GC.KeepAlive(Sockets);
        }

        /// <summary>Closes the connection, without lingering.</summary>
        public void Dispose()
        {
            Close();
        }

        /// <summary>Its number and its label, for logs.</summary>
        public override string ToString()
        {
            return "Connection 0x" + Handle.ToString("x8");
        }

        /// <summary><c>true</c> for the first to do so.</summary>
        internal bool MarkClosed()
        {
            return Interlocked.Exchange(ref isClosed, 1) == 0;
        }

        private void Check(Result result)
        {
            GC.KeepAlive(Sockets);
            if (result != Result.Ok && IsClosed)
            {
                throw new ObjectDisposedException(nameof(Connection));
            }
            NetworkingException.ThrowUnlessOk(result);
        }
    }
}
