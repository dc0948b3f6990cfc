using System;

namespace GameSockets
{
    public sealed partial class NetworkingSockets
    {
        private const int MostEventsAtOnce = 4096;
        private const int LongestText = 4096;

        [ThreadStatic]
        private static byte[] eventText;

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
        public unsafe int Poll()
        {
            if (eventText == null)
            {
                eventText = new byte[LongestText];
            }
            int count = 0;
            NativeEvent happened;
            while (count < MostEventsAtOnce && !IsDisposed)
            {
                fixed (byte* text = eventText)
                {
                    NetworkingException.ThrowUnlessOk(
                        NativeMethods.PollEvent(handle.Number, &happened, text, (UIntPtr)LongestText));
                }
                if (happened.Kind == 0)
                {
                    break;
                }
                count++;
                Raise(in happened);
            }
            GC.KeepAlive(this);
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

        private void Raise(in NativeEvent happened)
        {
            switch (happened.Kind)
            {
                case 1:
                    Connection connection = ConnectionOf(happened.Connection, in happened.Info);
                    var change = new ConnectionStatusChange(
                        connection, (ConnectionState)happened.OldState, in happened.Info);
                    ConnectionStatusChanged?.Invoke(in change);
                    break;
                case 2:
                    ConnectionWritable?.Invoke(ConnectionOf(happened.Connection));
                    break;
                case 3:
                    AuthenticationStatusChanged?.Invoke((Availability)happened.Value, Text(in happened));
                    break;
                case 4:
                    DebugOutput?.Invoke((DebugOutputType)happened.Value, Text(in happened));
                    break;
            }
        }

        private static unsafe string Text(in NativeEvent happened)
        {
            fixed (byte* text = eventText)
            {
                return Utf8.ToString(text, (int)happened.TextLength);
            }
        }
    }
}
