using System;

namespace GameSockets
{
    /// <summary>One of many messages to send; see <see cref="NetworkingSockets.SendMessages"/>.</summary>
    public readonly struct OutgoingMessage
    {
        /// <summary>A message for a connection.</summary>
        public OutgoingMessage(
            Connection connection, ReadOnlyMemory<byte> payload, SendFlags flags = SendFlags.Reliable, int lane = 0)
        {
            if ((uint)lane > ushort.MaxValue)
            {
                throw new ArgumentOutOfRangeException(nameof(lane), lane, "There are at most 255 lanes.");
            }
            Connection = connection ?? throw new ArgumentNullException(nameof(connection));
            Payload = payload;
            Flags = flags;
            Lane = lane;
        }

        /// <summary>Where to.</summary>
        public Connection Connection { get; }

        /// <summary>The bytes.</summary>
        public ReadOnlyMemory<byte> Payload { get; }

        /// <summary>How.</summary>
        public SendFlags Flags { get; }

        /// <summary>The lane.</summary>
        public int Lane { get; }
    }
}
