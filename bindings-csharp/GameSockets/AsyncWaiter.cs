using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace GameSockets
{
    /// <summary>
    /// One thread that waits for all that the async calls of an instance wait for. It starts with the first of them, and
    /// keeps no instance alive that nobody uses. Continuations run on the pool, or where the caller's context says.
    /// </summary>
    internal sealed class AsyncWaiter
    {
        /// <summary>
        /// A thread that blocks in native code cannot be unloaded with its domain: so it comes back this often (ms).
        /// </summary>
        private const uint Slice = 250;
        private const int MostAtOnce = 64;

        private readonly WeakReference<NetworkingSockets> sockets;
        private readonly ulong number;
        private readonly Dictionary<(WaitTopic, uint), List<TaskCompletionSource<bool>>> waiting =
            new Dictionary<(WaitTopic, uint), List<TaskCompletionSource<bool>>>();
        private bool isClosed;

        internal unsafe AsyncWaiter(NetworkingSockets sockets)
        {
            this.sockets = new WeakReference<NetworkingSockets>(sockets);
            ulong made;
            NetworkingException.ThrowUnlessOk(NativeMethods.CreateWaiter(&made));
            number = made;
            var thread = new Thread(Run) { IsBackground = true, Name = "GameSockets async" };
            thread.Start();
        }

        /// <summary>Completes when it is worth looking again; cancelled with the token.</summary>
        /// <exception cref="NetworkingException">
        /// There is nothing to wait for: the connection has ended, or the handle is closed.
        /// </exception>
        internal unsafe Task Until(WaitTopic topic, ulong instance, uint handle, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            var source = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            // The thread that reports takes the same lock: it cannot report before the source is there.
            lock (waiting)
            {
                byte happened = 1;
                if (!isClosed)
                {
                    NetworkingException.ThrowUnlessOk(
                        NativeMethods.Watch(number, instance, (int)topic, handle, &happened));
                }
                if (happened != 0)
                {
                    return Task.CompletedTask;
                }
                Add((topic, handle), source);
            }
            return cancellation.CanBeCanceled ? Cancellable(topic, handle, source, cancellation) : source.Task;
        }

        /// <summary>Everybody who waits should look; nobody can wait any more.</summary>
        internal void Close()
        {
            List<TaskCompletionSource<bool>> sources = TakeAll();
            if (sources == null)
            {
                return;
            }
            NativeMethods.DestroyWaiter(number);
            foreach (TaskCompletionSource<bool> source in sources)
            {
                source.TrySetResult(true);
            }
        }

        private async Task Cancellable(
            WaitTopic topic, uint handle, TaskCompletionSource<bool> source, CancellationToken cancellation)
        {
            using (cancellation.Register(() => source.TrySetCanceled(cancellation)))
            {
                try
                {
                    await source.Task.ConfigureAwait(false);
                }
                finally
                {
                    Remove((topic, handle), source);
                }
            }
        }

        private void Add((WaitTopic, uint) key, TaskCompletionSource<bool> source)
        {
            if (!waiting.TryGetValue(key, out List<TaskCompletionSource<bool>> sources))
            {
                sources = new List<TaskCompletionSource<bool>>();
                waiting[key] = sources;
            }
            sources.Add(source);
        }

        private void Remove((WaitTopic, uint) key, TaskCompletionSource<bool> source)
        {
            lock (waiting)
            {
                if (waiting.TryGetValue(key, out List<TaskCompletionSource<bool>> sources) && sources.Remove(source)
                    && sources.Count == 0)
                {
                    waiting.Remove(key);
                }
            }
        }

        private List<TaskCompletionSource<bool>> TakeAll()
        {
            lock (waiting)
            {
                if (isClosed)
                {
                    return null;
                }
                isClosed = true;
                var all = new List<TaskCompletionSource<bool>>();
                foreach (List<TaskCompletionSource<bool>> sources in waiting.Values)
                {
                    all.AddRange(sources);
                }
                waiting.Clear();
                return all;
            }
        }

        private unsafe void Run()
        {
            NativeHappening* happenings = stackalloc NativeHappening[MostAtOnce];
            while (IsWanted())
            {
                UIntPtr count = UIntPtr.Zero;
                if (NativeMethods.Wait(number, Slice, happenings, (UIntPtr)MostAtOnce, &count) != Result.Ok)
                {
                    return;
                }
                for (int index = 0; index < (int)count; index++)
                {
                    Report((WaitTopic)happenings[index].Topic, happenings[index].Handle);
                }
            }
            Close();
        }

        private bool IsWanted()
        {
            return sockets.TryGetTarget(out NetworkingSockets target) && !target.IsDisposed;
        }

        private void Report(WaitTopic topic, uint handle)
        {
            List<TaskCompletionSource<bool>> sources;
            lock (waiting)
            {
                if (!waiting.TryGetValue((topic, handle), out sources))
                {
                    return;
                }
                waiting.Remove((topic, handle));
            }
            foreach (TaskCompletionSource<bool> source in sources)
            {
                source.TrySetResult(true);
            }
        }
    }
}
