using System;

namespace GameSockets
{
    /// <summary>
    /// A message that was received. It belongs to its <see cref="MessageBatch"/>, and throws
    /// <see cref="ObjectDisposedException"/> once that is disposed.
    /// </summary>
    public readonly struct Message
    {
        private readonly MessageBuffer buffer;
        private readonly int version;
        private readonly int index;

        internal Message(MessageBuffer buffer, int version, int index)
        {
            this.buffer = buffer;
            this.version = version;
            this.index = index;
        }

        /// <summary>
        /// What the peer sent, in the memory of the native library: not to be used after the batch is disposed.
        /// </summary>
        public unsafe ReadOnlySpan<byte> Payload
        {
            get
            {
                ref readonly MessageRecord record = ref Record;
                return new ReadOnlySpan<byte>(record.Payload, (int)record.Size);
            }
        }

        /// <summary>The length of the payload (bytes).</summary>
        public int Size => (int)Record.Size;

        /// <summary>The connection it came by.</summary>
        public Connection Connection => Buffer.Sockets.ConnectionOf(Record.Connection);

        /// <summary>The number of that connection.</summary>
        public uint ConnectionHandle => Record.Connection;

        /// <summary>The sender's SteamID64; 0 when its identity is of another kind.</summary>
        public ulong SteamId => Record.Identity;

        /// <summary>The number that the application attached to the connection; -1 when none.</summary>
        public long UserData => Record.ReceiverUserData;

        /// <summary>When it arrived, on the clock of <see cref="NetworkingSockets.LocalTimestamp"/> (µs).</summary>
        public long TimeReceived => Record.TimeReceived;

        /// <summary>The number the sender gave it: per lane, from 1.</summary>
        public long Number => Record.MessageNumber;

        /// <summary>The lane it came by.</summary>
        public int Lane => Record.Lane;

        /// <summary>Whether it was sent reliably.</summary>
        public bool IsReliable => (Record.Flags & SendFlags.Reliable) != 0;

        private ref readonly MessageRecord Record => ref Buffer.Record(version, index);

        private MessageBuffer Buffer => buffer ?? throw new InvalidOperationException("This Message was never received.");
    }
}
