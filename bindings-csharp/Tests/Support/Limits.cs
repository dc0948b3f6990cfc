using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>Waiting for outcomes, never for times.</summary>
    internal static class Limits
    {
        /// <summary>Longer than anything takes on a loaded machine.</summary>
        internal static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

        /// <summary>For what is not to happen.</summary>
        internal static readonly TimeSpan InVain = TimeSpan.FromMilliseconds(100);

        /// <summary>Looks again and again.</summary>
        internal static void Until(string what, Func<bool> look)
        {
            long started = Stopwatch.GetTimestamp();
            while (!look())
            {
                if (Stopwatch.GetTimestamp() - started > Long.TotalSeconds * Stopwatch.Frequency)
                {
                    Assert.Fail("waited in vain: " + what);
                }
                Thread.Sleep(2);
            }
        }

        /// <summary>What a task answers, or its exception; it fails when it takes too long.</summary>
        internal static async Task<T> InTime<T>(this Task<T> task)
        {
            await InTime((Task)task).ConfigureAwait(false);
            return await task.ConfigureAwait(false);
        }

        /// <summary>As the other, without an answer.</summary>
        internal static async Task InTime(this Task task)
        {
            Task first = await Task.WhenAny(task, Task.Delay(Long)).ConfigureAwait(false);
            Assert.That(first, Is.SameAs(task), "it takes too long");
            await task.ConfigureAwait(false);
        }

        /// <summary>Waits for a thread to end.</summary>
        internal static void JoinInTime(this Thread thread)
        {
            Assert.That(thread.Join(Long), "a thread does not end");
        }
    }
}
