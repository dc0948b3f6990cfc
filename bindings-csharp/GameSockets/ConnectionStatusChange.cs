namespace GameSockets
{
    /// <summary>A change of a connection's state.</summary>
    public readonly struct ConnectionStatusChange
    {
        private readonly ConnectionInfo info;

        internal ConnectionStatusChange(Connection connection, ConnectionState oldState, in ConnectionInfo info)
        {
            Connection = connection;
            OldState = oldState;
            this.info = info;
        }

        /// <summary>The connection: always the same object for the same connection, until it is closed.</summary>
        public Connection Connection { get; }

        /// <summary>The state before.</summary>
        public ConnectionState OldState { get; }

        /// <summary>The state since.</summary>
        public ConnectionState State => info.ConnectionState;

        /// <summary>What was known about the connection at that moment.</summary>
        public ConnectionInfo Info => info;
    }
}
