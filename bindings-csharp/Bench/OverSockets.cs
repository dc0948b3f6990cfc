using System;
using System.Threading;

namespace GameSockets.Bench
{
    /// <summary>GameSockets: encrypted over UDP, or a pair in memory, which shows what the border costs.</summary>
    internal sealed class OverSockets : Subject
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

        private readonly NetworkingSockets sockets;
        private readonly Connection from;
        private readonly Connection to;
        private readonly SendFlags flags;

        internal OverSockets(string name, SendFlags flags, bool overUdp)
            : base(name)
        {
            this.flags = flags;
            var options = new NetworkingSocketsOptions();
            options.Options.Add(new ConfigOption(ConfigValue.SendRateMin, 1 << 28));
            options.Options.Add(new ConfigOption(ConfigValue.SendRateMax, 1 << 28));
            sockets = new NetworkingSockets(options);
            (from, to) = sockets.CreateSocketPair(overUdp);
        }

        public override void Dispose()
        {
            sockets.Dispose();
        }

        protected override void Send()
        {
            Result result = from.TrySend(Payload, flags);
            if (result != Result.Ok)
            {
                throw new InvalidOperationException(Name + ": " + result);
            }
        }

        protected override void FinishBurst()
        {
            from.Flush();
        }

        protected override void WaitForBurst()
        {
            if (!to.WaitMessages(Limit))
            {
                throw new TimeoutException(Name);
            }
            // All of it: another thread of the library takes it in.
            Thread.Sleep(2);
        }

        protected override int Receive()
        {
            int bytes = 0;
            for (int received = 0; received < Burst;)
            {
                using (MessageBatch batch = to.Receive(Burst))
                {
                    foreach (Message message in batch)
                    {
                        bytes += message.Payload.Length;
                    }
                    received += batch.Count;
                }
            }
            return bytes;
        }
    }
}
