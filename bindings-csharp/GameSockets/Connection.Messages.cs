using System;
using System.Runtime.InteropServices;

namespace GameSockets
{
    public sealed partial class Connection
    {
        /// <summary>
        /// Queues a message, which is copied, and sends at once what may leave at once. Never waits, never throws.
        /// </summary>
        /// <returns>
        /// <see cref="Result.Ok"/>; <see cref="Result.LimitExceeded"/> when the send buffer is full: go on after
        /// <see cref="NetworkingSockets.ConnectionWritable"/>; <see cref="Result.Ignored"/> when it may not be delayed and
        /// could not leave; <see cref="Result.NoConnection"/> when the connection has ended;
        /// <see cref="Result.InvalidParam"/> for a message above 512 KiB, an unknown lane, or a closed connection.
        /// </returns>
        public Result TrySend(ReadOnlySpan<byte> payload, SendFlags flags = SendFlags.Reliable, int lane = 0)
        {
            return TrySend(payload, flags, lane, out _);
        }

        /// <summary>As the other <c>TrySend</c>, with the number that the message got.</summary>
        public unsafe Result TrySend(ReadOnlySpan<byte> payload, SendFlags flags, int lane, out long messageNumber)
        {
            messageNumber = 0;
            if ((uint)lane > ushort.MaxValue)
            {
                return Result.InvalidParam;
            }
            long number = 0;
            Result result;
            fixed (byte* start = &MemoryMarshal.GetReference(payload))
            {
                result = NativeMethods.SendMessageToConnection(
                    Sockets.InstanceNumber, Handle, start, (UIntPtr)payload.Length, (int)flags, (ushort)lane, &number);
            }
            GC.KeepAlive(Sockets);
            messageNumber = number;
            return result;
        }

        /// <summary>
        /// As <c>TrySend</c>, for unreliable messages that grow old: with a deadline after which it is not worth sending,
        /// or a key by which it replaces one that still waits.
        /// </summary>
        public unsafe Result TrySend(ReadOnlySpan<byte> payload, in SendOptions options, out long messageNumber)
        {
            messageNumber = 0;
            if ((uint)options.Lane > ushort.MaxValue)
            {
                return Result.InvalidParam;
            }
            NativeSendOptions native = options.ToNative();
            long number = 0;
            Result result;
            fixed (byte* start = &MemoryMarshal.GetReference(payload))
            {
                result = NativeMethods.SendMessageWithOptions(
                    Sockets.InstanceNumber, Handle, start, (UIntPtr)payload.Length, &native, &number);
            }
            GC.KeepAlive(Sockets);
            messageNumber = number;
            return result;
        }

        /// <summary>Queues a message. Never waits.</summary>
        /// <returns>The number of the message: per lane, from 1.</returns>
        /// <exception cref="NetworkingException">It was refused; the result says why, see <c>TrySend</c>.</exception>
        /// <exception cref="ObjectDisposedException">The connection was closed here.</exception>
        public long Send(ReadOnlySpan<byte> payload, SendFlags flags = SendFlags.Reliable, int lane = 0)
        {
            if ((uint)lane > ushort.MaxValue)
            {
                throw new ArgumentOutOfRangeException(nameof(lane), lane, "There are at most 255 lanes.");
            }
            Check(TrySend(payload, flags, lane, out long number));
            return number;
        }

        /// <summary>Sends what is held back in the hope of company.</summary>
        public void Flush()
        {
            Check(NativeMethods.FlushMessagesOnConnection(Instance, Handle));
        }

        /// <summary>
        /// Takes messages that have arrived, and allocates nothing. Dispose the batch when they are dealt with.
        /// </summary>
        /// <param name="max">How many at most.</param>
        public unsafe MessageBatch Receive(int max = 64)
        {
            NativeMessageBatch batch;
            Check(NativeMethods.ReceiveMessagesOnConnection(Instance, Handle, (UIntPtr)Math.Max(0, max), &batch));
            return Sockets.Lend(in batch);
        }

        /// <summary>As the other <c>Receive</c>, into a span: as many messages as fit.</summary>
        /// <returns>The batch they belong to; its count says how many there are.</returns>
        public MessageBatch Receive(Span<Message> messages)
        {
            return Receive(messages.Length).CopyTo(messages);
        }

        /// <summary>Waits for messages, blocking this thread.</summary>
        /// <returns><c>false</c> when none came in time.</returns>
        /// <exception cref="NetworkingException">The connection has ended, and everything was received.</exception>
        public bool WaitMessages(TimeSpan timeout)
        {
            return Sockets.Wait(timeout, this, WaitTopic.Messages, Handle);
        }

        /// <summary>Waits until a send that was refused may be tried again, blocking this thread.</summary>
        /// <returns><c>false</c> when there was no room in time.</returns>
        /// <exception cref="NetworkingException">The connection has ended.</exception>
        public bool WaitWritable(TimeSpan timeout)
        {
            return Sockets.Wait(timeout, this, WaitTopic.Writable, Handle);
        }
    }
}
