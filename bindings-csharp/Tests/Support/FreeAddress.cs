using System;
using System.Net;
using System.Net.Sockets;

namespace GameSockets.Tests
{
    /// <summary>A port that is bound, and answers nothing. Disposed, it is free: Valve's library refuses port 0.</summary>
    internal sealed class FreeAddress : IDisposable
    {
        private readonly Socket socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        internal FreeAddress()
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Text = socket.LocalEndPoint.ToString();
        }

        internal string Text { get; }

        public void Dispose()
        {
            socket.Dispose();
        }
    }
}
