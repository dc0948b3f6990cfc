using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>Programs that end, or forget, while everything is open; each is a process of its own.</summary>
    public sealed class EndTests
    {
        [TestCase("exit-open", "open 0")]
        [TestCase("exit-from-thread", "open")]
        [TestCase("exit-awaiting", "open FalseFalse")]
        [TestCase("finalise", "finalised")]
        public void AProgramEndsWell(string scenario, string words)
        {
            string assembly = typeof(EndTests).Assembly.Location;
            (string file, List<string> arguments) = Programs.Managed(assembly);
            arguments.AddRange(new[] { "child", scenario });
            using var child = new RunningProgram(file, arguments.ToArray());
            Assert.That(child.Finish(), Is.Zero, child.Said);
            Assert.That(child.Said, Is.EqualTo(words));
        }

        [Test]
        public void AnAbandonedInstanceFreesItsPort()
        {
            string address = Abandon();
            Limits.Until("the port", () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                try
                {
                    using NetworkingSockets next = Pair.Make("str:next");
                    next.CreateListenSocketIP(address);
                    return true;
                }
                catch (NetworkingException)
                {
                    return false;
                }
            });
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        private static string Abandon()
        {
            string address = null;
            // mono looks for references on the stack, and finds what the last call has left there.
            var thread = new System.Threading.Thread(() => address = Pair.Make("str:forgotten").CreateListenSocketIP("127.0.0.1:0").Address);
            thread.Start();
            thread.JoinInTime();
            return address;
        }
    }
}
