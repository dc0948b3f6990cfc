using System;
using System.Collections.Concurrent;

namespace GameSockets
{
    /// <summary>
    /// One identity on the network: its listen sockets, connections and poll groups. A process may have many. Every call
    /// may be made from any thread, and nothing calls back but <see cref="Poll"/>, on the thread that calls it.
    /// </summary>
    /// <remarks>
    /// Disposing it closes every connection (reason 2999) and every listen socket; those closed with <c>linger</c> get up
    /// to one second to deliver. Calls that come later throw <see cref="ObjectDisposedException"/>, and
    /// <c>TrySend</c> answers <see cref="Result.InvalidParam"/>.
    /// </remarks>
    public sealed partial class NetworkingSockets : IDisposable
    {
        private readonly InstanceHandle handle;
        private readonly ConcurrentDictionary<uint, Connection> connections = new ConcurrentDictionary<uint, Connection>();
        private readonly ConcurrentDictionary<uint, ListenSocket> listenSockets = new ConcurrentDictionary<uint, ListenSocket>();

        /// <summary>Starts an instance that is anonymous, with default options.</summary>
        /// <exception cref="NativeLibraryException">The native library is absent, or of another version.</exception>
        public NetworkingSockets()
            : this(new NetworkingSocketsOptions())
        {
        }

        /// <summary>Starts an instance.</summary>
        /// <exception cref="NativeLibraryException">The native library is absent, or of another version.</exception>
        /// <exception cref="NetworkingException">An identity or an option is wrong, or the system has no thread left.</exception>
        public NetworkingSockets(NetworkingSocketsOptions options)
        {
            if (options == null)
            {
                throw new ArgumentNullException(nameof(options));
            }
            NativeLibrary.EnsureLoaded();
            handle = new InstanceHandle(Create(options));
            Buffers = new MessageBufferPool(this);
        }

        /// <summary>Who we are, as text.</summary>
        public unsafe string Identity
        {
            get
            {
                ulong instance = Instance;
                string identity = Utf8.Read((buffer, capacity, length) =>
                    NativeMethods.GetIdentity(instance, buffer, capacity, length));
                GC.KeepAlive(this);
                return identity;
            }
        }

        /// <summary>The clock of this instance, that <see cref="Message.TimeReceived"/> is measured by (µs).</summary>
        public unsafe long LocalTimestamp
        {
            get
            {
                ulong now;
                NetworkingException.ThrowUnlessOk(NativeMethods.GetLocalTimestamp(Instance, &now));
                GC.KeepAlive(this);
                return (long)now;
            }
        }

        /// <summary>Whether <see cref="Dispose"/> was called.</summary>
        public bool IsDisposed => handle.IsClosed;

        /// <summary>The number of the instance, for as long as it lives.</summary>
        internal ulong Instance
        {
            get
            {
                if (handle.IsClosed)
                {
                    throw new ObjectDisposedException(nameof(NetworkingSockets));
                }
                return handle.Number;
            }
        }

        /// <summary>The same, alive or not: the library refuses what comes too late.</summary>
        internal ulong InstanceNumber => handle.Number;

        internal MessageBufferPool Buffers { get; }

        /// <summary>Becomes somebody else; null: anonymous. Closes every connection and every listen socket.</summary>
        public unsafe void ResetIdentity(string identity)
        {
            byte[] text = Utf8.Bytes(identity);
            fixed (byte* start = text)
            {
                NetworkingException.ThrowUnlessOk(NativeMethods.ResetIdentity(Instance, start, (UIntPtr)text.Length));
            }
            GC.KeepAlive(this);
        }

        /// <summary>Ends the instance. Disposing twice does nothing.</summary>
        public void Dispose()
        {
            handle.End();
            CloseWaiter();
            foreach (Connection connection in connections.Values)
            {
                connection.MarkClosed();
            }
            connections.Clear();
            listenSockets.Clear();
        }

        private static unsafe ulong Create(NetworkingSocketsOptions options)
        {
            byte[] identity = Utf8.Bytes(options.Identity);
            byte[] directory = Utf8.Bytes(options.TraceDirectory);
            ulong limit = (ulong)Math.Max(0, options.TraceSizeLimit);
            ConfigOption[] entries = new ConfigOption[options.Options.Count];
            options.Options.CopyTo(entries, 0);
            ulong instance;
            using (var native = new NativeOptions(entries))
            fixed (byte* identityStart = identity, directoryStart = directory)
            {
                NetworkingException.ThrowUnlessOk(NativeMethods.Create(
                    identityStart, (UIntPtr)identity.Length, native.Entries, native.Count,
                    directoryStart, (UIntPtr)directory.Length, limit, &instance));
            }
            return instance;
        }
    }
}
