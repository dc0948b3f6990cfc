#if LITENETLIB
using System;
using System.Threading;
using LiteNetLib;

namespace GameSockets.Bench
{
    /// <summary>LiteNetLib, unencrypted, as it is used: its own threads receive and send, the caller polls events.</summary>
    internal sealed class OverLiteNetLib : Subject
    {
        private readonly EventBasedNetListener serverEvents = new EventBasedNetListener();
        private readonly EventBasedNetListener clientEvents = new EventBasedNetListener();
        private readonly NetManager server;
        private readonly NetManager client;
        private readonly DeliveryMethod method;
        private int bytes;

        internal OverLiteNetLib(string name, bool isReliable)
            : base(name)
        {
            method = isReliable ? DeliveryMethod.ReliableOrdered : DeliveryMethod.Unreliable;
            server = new NetManager(serverEvents) { AutoRecycle = true, UpdateTime = 1 };
            client = new NetManager(clientEvents) { AutoRecycle = true, UpdateTime = 1 };
            serverEvents.ConnectionRequestEvent += request => request.Accept();
            serverEvents.NetworkReceiveEvent += (peer, reader, channel, delivery) => bytes += reader.AvailableBytes;
            server.Start(0);
            client.Start(0);
            NetPeer peer = client.Connect("127.0.0.1", server.LocalPort, string.Empty);
            while (peer.ConnectionState != LiteNetLib.ConnectionState.Connected)
            {
                server.PollEvents();
                client.PollEvents();
                Thread.Sleep(1);
            }
        }

        public override void Dispose()
        {
            client.Stop();
            server.Stop();
        }

        protected override void Send()
        {
            client.FirstPeer.Send(Payload, method);
        }

        protected override void FinishBurst()
        {
            client.TriggerUpdate();
        }

        protected override void WaitForBurst()
        {
            // Its window of reliable packets is 64: the rest needs acknowledgements.
            Thread.Sleep(20);
        }

        protected override int Receive()
        {
            bytes = 0;
            for (int round = 0; bytes < Burst * Size && round < 1000; round++)
            {
                server.PollEvents();
                if (bytes < Burst * Size)
                {
                    Thread.Sleep(1);
                }
            }
            return bytes;
        }
    }
}
#endif
