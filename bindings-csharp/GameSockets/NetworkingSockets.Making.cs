using System;

namespace GameSockets
{
    public sealed partial class NetworkingSockets
    {
        /// <summary>
        /// Binds a UDP port and waits for connections; each announces itself by an event with state
        /// <see cref="ConnectionState.Connecting"/> and has to be accepted.
        /// </summary>
        /// <param name="address">Such as <c>0.0.0.0:27015</c>; with port 0 the system chooses one.</param>
        /// <param name="options">What its connections start with.</param>
        public unsafe ListenSocket CreateListenSocketIP(string address, params ConfigOption[] options)
        {
            byte[] text = Utf8.Bytes(address);
            uint socket;
            using (var native = new NativeOptions(options))
            fixed (byte* start = text)
            {
                NetworkingException.ThrowUnlessOk(NativeMethods.CreateListenSocketIp(
                    Instance, start, (UIntPtr)text.Length, native.Entries, native.Count, &socket));
            }
            GC.KeepAlive(this);
            var made = new ListenSocket(this, socket);
            listenSockets[socket] = made;
            return made;
        }

        /// <summary>Starts a connection. Answers at once; events tell of success or failure.</summary>
        /// <param name="address">Such as <c>127.0.0.1:27015</c> or <c>[::1]:27015</c>.</param>
        /// <param name="options">Options of this connection.</param>
        public unsafe Connection ConnectByIPAddress(string address, params ConfigOption[] options)
        {
            byte[] text = Utf8.Bytes(address);
            uint made;
            // Its first event may be polled before the number is known here.
            lock (connections)
            {
                using (var native = new NativeOptions(options))
                fixed (byte* start = text)
                {
                    NetworkingException.ThrowUnlessOk(NativeMethods.ConnectByIpAddress(
                        Instance, start, (UIntPtr)text.Length, native.Entries, native.Count, &made));
                }
                GC.KeepAlive(this);
                return Adopt(made);
            }
        }

        /// <summary>Makes an empty poll group: connections whose messages are received with one call.</summary>
        public unsafe PollGroup CreatePollGroup()
        {
            uint group;
            NetworkingException.ThrowUnlessOk(NativeMethods.CreatePollGroup(Instance, &group));
            GC.KeepAlive(this);
            return new PollGroup(this, group);
        }

        /// <summary>
        /// Makes two connections that are joined to each other, and connected at once: in memory, or with
        /// <paramref name="useNetworkLoopback"/> over UDP on 127.0.0.1.
        /// </summary>
        /// <param name="useNetworkLoopback">Over real sockets, encrypted like any others.</param>
        /// <param name="identity1">Who the first takes its peer for; null: localhost.</param>
        /// <param name="identity2">Who the second takes its peer for; null: localhost.</param>
        public unsafe (Connection First, Connection Second) CreateSocketPair(
            bool useNetworkLoopback = false, string identity1 = null, string identity2 = null)
        {
            byte[] text1 = Utf8.Bytes(identity1);
            byte[] text2 = Utf8.Bytes(identity2);
            uint first;
            uint second;
            fixed (byte* start1 = text1, start2 = text2)
            {
                NetworkingException.ThrowUnlessOk(NativeMethods.CreateSocketPair(
                    Instance, useNetworkLoopback ? (byte)1 : (byte)0, start1, (UIntPtr)text1.Length,
                    start2, (UIntPtr)text2.Length, &first, &second));
            }
            GC.KeepAlive(this);
            lock (connections)
            {
                return (Adopt(first), Adopt(second));
            }
        }

        /// <summary>The connection of this number; one that was closed, if it is not known.</summary>
        internal Connection ConnectionOf(uint number)
        {
            if (connections.TryGetValue(number, out Connection connection))
            {
                return connection;
            }
            lock (connections)
            {
                return connections.TryGetValue(number, out connection) ? connection : new Connection(this, number, true);
            }
        }

        /// <summary>The connection that an event is about: the first event of an incoming one introduces it.</summary>
        private Connection ConnectionOf(uint number, in ConnectionInfo info)
        {
            if (connections.TryGetValue(number, out Connection connection))
            {
                return connection;
            }
            bool isNew = info.ConnectionState == ConnectionState.Connecting && info.ListenSocket != 0;
            lock (connections)
            {
                if (connections.TryGetValue(number, out connection))
                {
                    return connection;
                }
                return isNew ? Adopt(number) : new Connection(this, number, true);
            }
        }

        internal void Forget(uint number)
        {
            connections.TryRemove(number, out _);
        }

        internal void ForgetListenSocket(uint number)
        {
            listenSockets.TryRemove(number, out _);
        }

        private Connection Adopt(uint number)
        {
            var connection = new Connection(this, number, false);
            connections[number] = connection;
            return connection;
        }
    }
}
