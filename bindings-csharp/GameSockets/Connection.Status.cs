using System;
using System.Runtime.InteropServices;

namespace GameSockets
{
    public sealed partial class Connection
    {
        /// <summary>How it is doing right now.</summary>
        public unsafe RealTimeStatus RealTimeStatus
        {
            get
            {
                RealTimeStatus status;
                Check(NativeMethods.GetQuickConnectionStatus(Instance, Handle, &status));
                return status;
            }
        }

        /// <summary>The figures of its whole life.</summary>
        public unsafe LifetimeStatistics LifetimeStatistics
        {
            get
            {
                LifetimeStatistics statistics;
                Check(NativeMethods.GetConnectionLifetimeStatistics(Instance, Handle, &statistics));
                return statistics;
            }
        }

        /// <summary>A page about it, for humans. Its form may change.</summary>
        public unsafe string DetailedStatus
        {
            get
            {
                ulong instance = Instance;
                string page = Utf8.Read((buffer, capacity, length) =>
                    NativeMethods.GetDetailedConnectionStatus(instance, Handle, buffer, capacity, length));
                GC.KeepAlive(Sockets);
                return page;
            }
        }

        /// <summary>How it and its first lanes are doing: as many lanes as the span has room for.</summary>
        /// <exception cref="NetworkingException">It has not so many lanes.</exception>
        public unsafe RealTimeStatus GetLaneStatus(Span<LaneStatus> lanes)
        {
            RealTimeStatus status;
            fixed (LaneStatus* start = &MemoryMarshal.GetReference(lanes))
            {
                Check(NativeMethods.GetConnectionRealTimeStatus(
                    Instance, Handle, &status, start, (UIntPtr)lanes.Length));
            }
            return status;
        }

        /// <summary>
        /// Sets how many lanes there are to send on, and how they share what the connection may send. The lane with the lowest
        /// priority number goes first; lanes of equal priority share by their weights.
        /// </summary>
        /// <param name="priorities">One for each lane, 1 to 255 of them.</param>
        /// <param name="weights">One for each lane.</param>
        public unsafe void ConfigureLanes(ReadOnlySpan<int> priorities, ReadOnlySpan<ushort> weights)
        {
            if (priorities.Length != weights.Length)
            {
                throw new ArgumentException(
                    priorities.Length + " priorities, but " + weights.Length + " weights: give one of each for every lane.",
                    nameof(weights));
            }
            fixed (int* first = &MemoryMarshal.GetReference(priorities))
            fixed (ushort* second = &MemoryMarshal.GetReference(weights))
            {
                Check(NativeMethods.ConfigureConnectionLanes(
                    Instance, Handle, first, second, (UIntPtr)priorities.Length));
            }
        }
    }
}
