using System.Collections.Generic;

namespace GameSockets.Tests
{
    /// <summary>Contents that <c>valve-peer</c> makes too (tests/interop/src/payload.rs).</summary>
    internal static class Pattern
    {
        internal static readonly int[] Sizes = { 0, 1, 1000, 1300, 20_000, 300_000 };

        internal static byte[] Of(int size, ulong seed)
        {
            var bytes = new byte[size];
            ulong state = unchecked((2 * seed) + 1);
            for (int at = 0; at < size; at += 8)
            {
                ulong word = state ^ (state >> 32);
                for (int index = at; index < at + 8 && index < size; index++)
                {
                    bytes[index] = (byte)word;
                    word >>= 8;
                }
                state = unchecked(state * 0xd134_2543_de82_ef95);
            }
            return bytes;
        }

        internal static List<byte[]> OfEverySize()
        {
            var all = new List<byte[]>();
            foreach (int size in Sizes)
            {
                all.Add(Of(size, (ulong)all.Count));
            }
            return all;
        }
    }
}
