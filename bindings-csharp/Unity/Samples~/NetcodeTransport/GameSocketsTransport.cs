using System;
using System.Collections.Generic;
using Unity.Netcode;
using UnityEngine;

namespace GameSockets.Netcode
{
    /// <summary>
    /// Netcode for GameObjects over GameSockets: add it beside the <c>NetworkManager</c>, and select it there.
    /// </summary>
    /// <remarks>
    /// A client's id is the number of its connection. What is sent with <see cref="NetworkDelivery.UnreliableSequenced"/>
    /// goes by a lane of its own, so that what arrives late there can be told and dropped.
    /// </remarks>
    [AddComponentMenu("Netcode/GameSockets Transport")]
    public sealed class GameSocketsTransport : NetworkTransport
    {
        private const int SequencedLane = 1;
        private const int MessagesAtOnce = 64;
        private static readonly int[] LanePriorities = { 0, 0 };
        private static readonly ushort[] LaneWeights = { 1, 1 };

        [Tooltip("Where a client connects to, such as 203.0.113.5:7777.")]
        [SerializeField]
        private string connectAddress = "127.0.0.1:7777";

        [Tooltip("Where a server listens; [::] means every address of this machine, 0.0.0.0 every one of IPv4.")]
        [SerializeField]
        private string listenAddress = "0.0.0.0:7777";

        [Tooltip("How much may wait to be sent to one peer, bytes. A peer that falls further behind is disconnected.")]
        [SerializeField]
        private int sendBufferSize = 4 * 1024 * 1024;

        private readonly Dictionary<ulong, Peer> peers = new Dictionary<ulong, Peer>();
        private readonly Queue<(NetworkEvent Kind, ulong Client)> changes = new Queue<(NetworkEvent, ulong)>();
        private NetworkingSockets sockets;
        private ListenSocket socket;
        private PollGroup everybody;
        private Peer server;
        private MessageBatch batch;
        private int next;
        private byte[] payloadBuffer = new byte[4096];

        /// <inheritdoc/>
        public override ulong ServerClientId => 0;

        /// <summary>Where a client connects to: IP:port.</summary>
        public string ConnectAddress
        {
            get => connectAddress;
            set => connectAddress = value;
        }

        /// <summary>Where a server listens: IP:port. Once it does, with the port that the system chose for 0.</summary>
        public string ListenAddress
        {
            get => socket == null ? listenAddress : socket.Address;
            set => listenAddress = value;
        }

        /// <inheritdoc/>
        public override void Initialize(NetworkManager networkManager = null)
        {
            Shutdown();
            sockets = new NetworkingSockets();
            sockets.ConnectionStatusChanged += Follow;
            everybody = sockets.CreatePollGroup();
        }

        /// <inheritdoc/>
        public override bool StartServer()
        {
            return Try(() => socket = sockets.CreateListenSocketIP(listenAddress, Options()));
        }

        /// <inheritdoc/>
        public override bool StartClient()
        {
            return Try(() => server = Add(sockets.ConnectByIPAddress(connectAddress, Options()), ServerClientId));
        }

        /// <inheritdoc/>
        public override void Send(ulong clientId, ArraySegment<byte> payload, NetworkDelivery networkDelivery)
        {
            if (!peers.TryGetValue(clientId, out Peer peer))
            {
                // It has just left; its event is on the way.
                return;
            }
            bool isSequenced = networkDelivery == NetworkDelivery.UnreliableSequenced;
            bool isReliable = !isSequenced && networkDelivery != NetworkDelivery.Unreliable;
            Result result = peer.Connection.TrySend(
                payload.AsSpan(), isReliable ? SendFlags.Reliable : SendFlags.Unreliable, isSequenced ? SequencedLane : 0);
            if (result != Result.Ok && result != Result.NoConnection && isReliable)
            {
                // What must arrive cannot be dropped.
                Debug.LogError("A message of " + payload.Count + " bytes cannot be sent: " + result, this);
                Forget(peer, "too far behind");
                changes.Enqueue((NetworkEvent.Disconnect, clientId));
            }
        }

        /// <inheritdoc/>
        public override NetworkEvent PollEvent(out ulong clientId, out ArraySegment<byte> payload, out float receiveTime)
        {
            payload = default;
            clientId = default;
            receiveTime = Time.realtimeSinceStartup;
            if (sockets == null)
            {
                return NetworkEvent.Nothing;
            }
            while (true)
            {
                // A connection first, then its messages; its end after what it has said last.
                if (changes.Count > 0 && (changes.Peek().Kind == NetworkEvent.Connect || !HasMessage()))
                {
                    NetworkEvent kind;
                    (kind, clientId) = changes.Dequeue();
                    if (kind == NetworkEvent.Disconnect && peers.TryGetValue(clientId, out Peer ended))
                    {
                        Forget(ended, string.Empty);
                    }
                    return kind;
                }
                if (HasMessage())
                {
                    if (Take(batch[next++], out clientId, out payload))
                    {
                        return NetworkEvent.Data;
                    }
                    continue;
                }
                if (sockets.Poll() == 0 && !HasMessage())
                {
                    return NetworkEvent.Nothing;
                }
            }
        }

        /// <inheritdoc/>
        public override void DisconnectRemoteClient(ulong clientId)
        {
            if (peers.TryGetValue(clientId, out Peer peer))
            {
                Forget(peer, "disconnected by the server");
            }
        }

        /// <inheritdoc/>
        public override void DisconnectLocalClient()
        {
            if (server != null)
            {
                Forget(server, "the client leaves");
            }
        }

        /// <inheritdoc/>
        public override ulong GetCurrentRtt(ulong clientId)
        {
            if (!peers.TryGetValue(clientId, out Peer peer))
            {
                return 0;
            }
            // Not known before the first answer: -1.
            return (ulong)Math.Max(0, peer.Connection.RealTimeStatus.Ping);
        }

        /// <inheritdoc/>
        public override void Shutdown()
        {
            batch.Dispose();
            batch = default;
            next = 0;
            changes.Clear();
            peers.Clear();
            server = null;
            socket = null;
            sockets?.Dispose();
            sockets = null;
        }

        private void OnDestroy()
        {
            Shutdown();
        }

        private ConfigOption[] Options()
        {
            return new[] { new ConfigOption(ConfigValue.SendBufferSize, sendBufferSize) };
        }

        private bool Try(Action start)
        {
            try
            {
                start();
                return true;
            }
            catch (NetworkingException error)
            {
                Debug.LogError(error.Message, this);
                return false;
            }
        }

        private void Follow(in ConnectionStatusChange change)
        {
            bool isOurs = server != null && server.Connection == change.Connection;
            ulong client = isOurs ? ServerClientId : change.Connection.Handle;
            switch (change.State)
            {
                case ConnectionState.Connecting when !isOurs:
                    Welcome(change.Connection, client);
                    break;
                case ConnectionState.Connected when peers.ContainsKey(client):
                    MakeLanes(change.Connection);
                    changes.Enqueue((NetworkEvent.Connect, client));
                    break;
                case ConnectionState.ClosedByPeer when peers.ContainsKey(client):
                case ConnectionState.ProblemDetectedLocally when peers.ContainsKey(client):
                    changes.Enqueue((NetworkEvent.Disconnect, client));
                    break;
            }
        }

        private void Welcome(Connection connection, ulong client)
        {
            try
            {
                Add(connection, client);
                connection.Accept();
            }
            catch (NetworkingException)
            {
                // It is gone already: the next event says so.
            }
        }

        private static void MakeLanes(Connection connection)
        {
            try
            {
                connection.ConfigureLanes(LanePriorities, LaneWeights);
            }
            catch (NetworkingException)
            {
                // As above.
            }
        }

        private Peer Add(Connection connection, ulong client)
        {
            everybody.Add(connection);
            var peer = new Peer(connection, client);
            peers[client] = peer;
            return peer;
        }

        /// <summary>Whether a message is at hand, after taking more if need be.</summary>
        private bool HasMessage()
        {
            if (next < batch.Count)
            {
                return true;
            }
            batch.Dispose();
            next = 0;
            batch = everybody.Receive(MessagesAtOnce);
            return batch.Count > 0;
        }

        /// <summary><c>false</c> for a message that nobody wants any more.</summary>
        private bool Take(Message message, out ulong clientId, out ArraySegment<byte> payload)
        {
            payload = default;
            bool isFromServer = server != null && server.Connection.Handle == message.ConnectionHandle;
            clientId = isFromServer ? ServerClientId : message.ConnectionHandle;
            if (!peers.TryGetValue(clientId, out Peer peer))
            {
                return false;
            }
            if (message.Lane == SequencedLane)
            {
                if (message.Number <= peer.LastSequenced)
                {
                    return false;
                }
                peer.LastSequenced = message.Number;
            }
            if (payloadBuffer.Length < message.Size)
            {
                payloadBuffer = new byte[message.Size * 2];
            }
            message.Payload.CopyTo(payloadBuffer);
            payload = new ArraySegment<byte>(payloadBuffer, 0, message.Size);
            return true;
        }

        private void Forget(Peer peer, string reason)
        {
            peers.Remove(peer.Client);
            peer.Connection.Close(0, reason, linger: true);
        }

        private sealed class Peer
        {
            internal Peer(Connection connection, ulong client)
            {
                Connection = connection;
                Client = client;
            }

            internal Connection Connection { get; }

            internal ulong Client { get; }

            internal long LastSequenced { get; set; }
        }
    }
}
