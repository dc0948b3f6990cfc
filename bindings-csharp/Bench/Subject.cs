using System;
using System.Diagnostics;

namespace GameSockets.Bench
{
    /// <summary>What a message costs on average.</summary>
    internal struct Cost
    {
        internal double SendNanoseconds;
        internal double ReceiveNanoseconds;
        internal double Garbage;
    }

    /// <summary>Two ends that are connected, and what is done with them.</summary>
    internal abstract class Subject : IDisposable
    {
        internal const int Burst = 100;
        protected const int Size = 100;

        protected Subject(string name)
        {
            Name = name;
        }

        internal string Name { get; }

        protected byte[] Payload { get; } = new byte[Size];

        public abstract void Dispose();

        /// <summary>Sends and receives bursts.</summary>
        internal Cost Run(int bursts)
        {
            long sending = 0;
            long receiving = 0;
            long messages = (long)bursts * Burst;
            long garbage = GC.GetAllocatedBytesForCurrentThread();
            for (int burst = 0; burst < bursts; burst++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int index = 0; index < Burst; index++)
                {
                    Send();
                }
                FinishBurst();
                sending += Stopwatch.GetTimestamp() - start;
                WaitForBurst();
                start = Stopwatch.GetTimestamp();
                int bytes = Receive();
                receiving += Stopwatch.GetTimestamp() - start;
                if (bytes != Burst * Size)
                {
                    throw new InvalidOperationException(Name + ": " + bytes + " bytes have come");
                }
            }
            return new Cost
            {
                SendNanoseconds = sending * 1e9 / Stopwatch.Frequency / messages,
                ReceiveNanoseconds = receiving * 1e9 / Stopwatch.Frequency / messages,
                Garbage = (GC.GetAllocatedBytesForCurrentThread() - garbage) / (double)messages,
            };
        }

        protected abstract void Send();

        /// <summary>Sees to it that nothing is held back.</summary>
        protected virtual void FinishBurst()
        {
        }

        /// <summary>Waits until all of it can be received; what that costs is not counted.</summary>
        protected abstract void WaitForBurst();

        /// <summary>Receives the burst; answers how many bytes it had.</summary>
        protected abstract int Receive();
    }
}
