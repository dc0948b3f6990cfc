using System.Net;
using System.Net.Sockets;

namespace GameSockets.Bench
{
    /// <summary>What the operating system and .NET cost: <c>SendTo</c> and <c>ReceiveFrom</c>, one datagram each.</summary>
    internal sealed class PlainSocket : Subject
    {
        private readonly Socket sender = Open();
        private readonly Socket receiver = Open();
        private readonly EndPoint target;
        private readonly byte[] buffer = new byte[2048];
        private EndPoint source = new IPEndPoint(IPAddress.Any, 0);

        internal PlainSocket()
            : base("Socket.SendTo/ReceiveFrom")
        {
            target = receiver.LocalEndPoint;
        }

        public override void Dispose()
        {
            sender.Dispose();
            receiver.Dispose();
        }

        protected override void Send()
        {
            sender.SendTo(Payload, target);
        }

        protected override void WaitForBurst()
        {
            // On the loopback, what was sent is there.
        }

        protected override int Receive()
        {
            int bytes = 0;
            for (int index = 0; index < Burst; index++)
            {
                bytes += receiver.ReceiveFrom(buffer, ref source);
            }
            return bytes;
        }

        private static Socket Open()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
            {
                ReceiveBufferSize = 1 << 20, ReceiveTimeout = 5000,
            };
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return socket;
        }
    }
}
