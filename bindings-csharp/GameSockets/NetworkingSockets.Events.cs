using System;
using System.Collections.Generic;

namespace GameSockets
{
    public sealed partial class NetworkingSockets
    {
        private const int MostEventsAtOnce = 4096;
        private const int LongestText = 4096;

        [ThreadStatic]
        private static byte[] textBuffer;

        /// <summary>What was taken while nobody polled. Its lock keeps the events in order.</summary>
        private readonly Queue<TakenEvent> taken = new Queue<TakenEvent>();

        /// <summary>A connection was created, changed its state or died. Raised by <see cref="Poll"/>.</summary>
        public event ConnectionStatusChangedHandler ConnectionStatusChanged;

        /// <summary>
        /// A send was refused with <see cref="Result.LimitExceeded"/>, and there is room again. Raised by <see cref="Poll"/>.
        /// </summary>
        public event Action<Connection> ConnectionWritable;

        /// <summary>The readiness of our certificate changed. Raised by <see cref="Poll"/>.</summary>
        public event Action<Availability, string> AuthenticationStatusChanged;

        /// <summary>
        /// A line of the library's log; see <see cref="SetDebugOutputLevel"/>. Raised by <see cref="Poll"/>.
        /// </summary>
        public event Action<DebugOutputType, string> DebugOutput;

        /// <summary>
        /// Raises the events that wait, on this thread. To be called once per frame. What a handler throws comes out here,
        /// and the rest of the events wait for the next call.
        /// </summary>
        /// <returns>How many events there were.</returns>
        public int Poll()
        {
            _ = Instance;
            int count = 0;
            while (count < MostEventsAtOnce && Take(out TakenEvent happened))
            {
                count++;
                Raise(in happened);
            }
            return count;
        }

        /// <summary>The same as <see cref="Poll"/>, under its name in the API.</summary>
        /// <returns>How many events there were.</returns>
        public int RunCallbacks()
        {
            return Poll();
        }

        /// <summary>Which lines of the log become <see cref="DebugOutput"/>: those up to this detail. None at first.</summary>
        public void SetDebugOutputLevel(DebugOutputType level)
        {
            NetworkingException.ThrowUnlessOk(NativeMethods.SetDebugOutputLevel(Instance, (int)level));
            GC.KeepAlive(this);
        }

        /// <summary>
        /// Takes events for the async calls that wait for them, and keeps them for <see cref="Poll"/> if somebody listens.
        /// </summary>
        internal void TakeInBackground()
        {
            lock (taken)
            {
                while (TakeNative(out TakenEvent happened))
                {
                    if (IsHeard(happened.Native.Kind))
                    {
                        taken.Enqueue(happened);
                    }
                }
            }
        }

        private bool Take(out TakenEvent happened)
        {
            lock (taken)
            {
                if (taken.Count > 0)
                {
                    happened = taken.Dequeue();
                    return true;
                }
                return TakeNative(out happened);
            }
        }

        private unsafe bool TakeNative(out TakenEvent happened)
        {
            textBuffer ??= new byte[LongestText];
            happened = default;
            NativeEvent native;
            Result result;
            fixed (byte* text = textBuffer)
            {
                result = NativeMethods.PollEvent(handle.Number, &native, text, (UIntPtr)LongestText);
                if (result == Result.Ok && native.TextLength != UIntPtr.Zero && IsHeard(native.Kind))
                {
                    happened.Text = Utf8.ToString(text, (int)native.TextLength);
                }
            }
            GC.KeepAlive(this);
            // Another thread may have ended the instance.
            if ((result != Result.Ok && IsDisposed) || (result == Result.Ok && native.Kind == 0))
            {
                return false;
            }
            NetworkingException.ThrowUnlessOk(result);
            happened.Native = native;
            if (native.Kind == 1)
            {
                happened.Connection = ConnectionOf(native.Connection, in native.Info);
                NoteStatus(happened.Connection, in native.Info);
            }
            return true;
        }

        private bool IsHeard(int kind)
        {
            return (kind == 1 && ConnectionStatusChanged != null) || (kind == 2 && ConnectionWritable != null)
                || (kind == 3 && AuthenticationStatusChanged != null) || (kind == 4 && DebugOutput != null);
        }

        private void Raise(in TakenEvent happened)
        {
            switch (happened.Native.Kind)
            {
                case 1:
                    var change = new ConnectionStatusChange(
                        happened.Connection, (ConnectionState)happened.Native.OldState, in happened.Native.Info);
                    ConnectionStatusChanged?.Invoke(in change);
                    break;
                case 2:
                    ConnectionWritable?.Invoke(ConnectionOf(happened.Native.Connection));
                    break;
                case 3:
                    AuthenticationStatusChanged?.Invoke((Availability)happened.Native.Value, happened.Text ?? string.Empty);
                    break;
                case 4:
                    DebugOutput?.Invoke((DebugOutputType)happened.Native.Value, happened.Text ?? string.Empty);
                    break;
            }
        }
    }
}
