// What sending and receiving 100 bytes costs the thread that does it, in ns, beside a plain UDP socket, in one run.
//
// Messages go in bursts of 100 from one end to the other in the same process; a burst is sent, then received. Sending is
// the call alone. Receiving is the call alone too, with the waiting left out: it begins when all of the burst is there.
using System;
using System.Collections.Generic;
using System.Linq;

namespace GameSockets.Bench
{
    internal static class Program
    {
        private const int Rounds = 7;
        private const int Bursts = 300;

        private static int Main()
        {
            var subjects = new List<Func<Subject>>
            {
                () => new PlainSocket(),
                () => new OverSockets("GameSockets, unreliable", SendFlags.Unreliable, overUdp: true),
                () => new OverSockets("GameSockets, reliable", SendFlags.Reliable, overUdp: true),
                () => new OverSockets("GameSockets, pair in memory", SendFlags.Reliable, overUdp: false),
            };
#if LITENETLIB
            subjects.Add(() => new OverLiteNetLib("LiteNetLib, unreliable", isReliable: false));
            subjects.Add(() => new OverLiteNetLib("LiteNetLib, reliable", isReliable: true));
#endif
            Console.WriteLine("100 bytes, best of " + Rounds + " rounds of " + (Bursts * Subject.Burst)
                + " messages; garbage is that of the measured thread");
            Console.WriteLine("{0,-30} {1,12} {2,12} {3,16}", string.Empty, "send ns", "receive ns", "bytes garbage");
            foreach (Func<Subject> make in subjects)
            {
                using (Subject subject = make())
                {
                    Measure(subject);
                }
            }
            return 0;
        }

        private static void Measure(Subject subject)
        {
            subject.Run(Bursts / 3);
            var costs = new List<Cost>();
            for (int round = 0; round < Rounds; round++)
            {
                costs.Add(subject.Run(Bursts));
            }
            Console.WriteLine(
                "{0,-30} {1,12:0} {2,12:0} {3,16:0.0}", subject.Name, costs.Min(cost => cost.SendNanoseconds),
                costs.Min(cost => cost.ReceiveNanoseconds), costs.Min(cost => cost.Garbage));
        }
    }
}
