using System;
using System.Threading;

namespace GameSockets
{
    /// <summary>
    /// Connections whose messages are received with one call. Disposing it closes none of them: they keep their messages.
    /// </summary>
    public sealed partial class PollGroup : IDisposable
    {
        private int isClosed;

        internal PollGroup(NetworkingSockets sockets, uint number)
        {
            Sockets = sockets;
            Handle = number;
        }

        /// <summary>Whose poll group it is.</summary>
        public NetworkingSockets Sockets { get; }

        /// <summary>Its number in the API, which is never dealt twice.</summary>
        public uint Handle { get; }

        /// <summary>Whether it was destroyed.</summary>
        public bool IsClosed => Volatile.Read(ref isClosed) != 0;

        internal ulong Instance
        {
            get
            {
                if (IsClosed)
                {
                    throw new ObjectDisposedException(nameof(PollGroup));
                }
                return Sockets.Instance;
            }
        }

        /// <summary>Moves a connection here, out of any other group; messages that wait move along.</summary>
        public void Add(Connection connection)
        {
            SetGroup(connection, Handle);
        }

        /// <summary>Takes a connection out of this group.</summary>
        public void Remove(Connection connection)
        {
            SetGroup(connection, 0);
        }

        /// <summary>
        /// Takes messages of any of its connections, in order of arrival, and allocates nothing. Dispose the batch when
        /// they are dealt with.
        /// </summary>
        /// <param name="max">How many at most.</param>
        public unsafe MessageBatch Receive(int max = 64)
        {
            NativeMessageBatch batch;
            NetworkingException.ThrowUnlessOk(NativeMethods.ReceiveMessagesOnPollGroup(
                Instance, Handle, (UIntPtr)Math.Max(0, max), &batch));
            return Sockets.Lend(in batch);
        }

        /// <summary>As the other <c>Receive</c>, into a span: as many messages as fit.</summary>
        /// <returns>The batch they belong to; its count says how many there are.</returns>
        public MessageBatch Receive(Span<Message> messages)
        {
            return Receive(messages.Length).CopyTo(messages);
        }

        /// <summary>Waits for messages, blocking this thread.</summary>
        /// <param name="timeout">How long; negative: without end.</param>
        /// <returns><c>false</c> when none came in time.</returns>
        public bool WaitMessages(TimeSpan timeout)
        {
            _ = Instance;
            return Sockets.Wait(timeout, null, WaitTopic.Messages, Handle);
        }

        /// <summary>Frees the group. Disposing twice does nothing.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref isClosed, 1) == 0)
            {
                // Its instance may have ended before: then it is freed already.
                NativeMethods.DestroyPollGroup(Sockets.InstanceNumber, Handle);
                GC.KeepAlive(Sockets);
            }
        }

        private void SetGroup(Connection connection, uint group)
        {
            if (connection == null)
            {
                throw new ArgumentNullException(nameof(connection));
            }
            if (connection.Sockets != Sockets)
            {
                throw new ArgumentException("The connection belongs to another NetworkingSockets.", nameof(connection));
            }
            _ = connection.Instance;
            NetworkingException.ThrowUnlessOk(
                NativeMethods.SetConnectionPollGroup(Instance, connection.Handle, group));
            GC.KeepAlive(Sockets);
        }
    }
}
