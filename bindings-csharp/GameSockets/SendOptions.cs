using System;

namespace GameSockets
{
    /// <summary>How a message is sent.</summary>
    public struct SendOptions
    {
        /// <summary>Reliable or not, with or without delay.</summary>
        public SendFlags Flags { get; set; }

        /// <summary>The lane; 0 unless lanes were configured.</summary>
        public int Lane { get; set; }

        /// <summary>An unreliable message is dropped if it could not leave within this time.</summary>
        public TimeSpan? Deadline { get; set; }

        /// <summary>An unreliable message takes the place of one with the same key that still waits.</summary>
        public ulong? ReplaceKey { get; set; }

        internal readonly NativeSendOptions ToNative()
        {
            long ticks = Math.Max(0, Deadline.GetValueOrDefault().Ticks);
            return new NativeSendOptions
            {
                Flags = (int)Flags,
                Lane = (ushort)Lane,
                HasDeadline = Deadline.HasValue ? (byte)1 : (byte)0,
                DeadlineMicroseconds = (ulong)(ticks / 10),
                HasReplaceKey = ReplaceKey.HasValue ? (byte)1 : (byte)0,
                ReplaceKey = ReplaceKey.GetValueOrDefault(),
            };
        }
    }
}
