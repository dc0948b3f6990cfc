using System;
using System.Runtime.InteropServices;

namespace GameSockets
{
    /// <summary>
    /// Owns a native instance. Its number is never dealt twice, so that a call which comes too late is refused; it is
    /// therefore passed on as a number, without counting references.
    /// </summary>
    internal sealed class InstanceHandle : SafeHandle
    {
        private volatile bool isEndedByHand;

        internal InstanceHandle(ulong number)
            : base(IntPtr.Zero, true)
        {
            Number = number;
            SetHandle((IntPtr)1);
        }

        internal ulong Number { get; }

        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <summary>Ends the instance on this thread: may take a second.</summary>
        internal void End()
        {
            isEndedByHand = true;
            Dispose();
        }

        protected override bool ReleaseHandle()
        {
            // A finaliser may not wait.
            byte inBackground = isEndedByHand ? (byte)0 : (byte)1;
            return NativeMethods.Destroy(Number, inBackground) == Result.Ok;
        }
    }
}
