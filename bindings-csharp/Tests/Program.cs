using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using GameSockets.Tests.Children;
using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace GameSockets.Tests
{
    /// <summary>
    /// <c>child NAME</c> is a program that a test has started. Otherwise it runs the tests, where there is no test host
    /// to do so: all, or those whose full name has a part of the given ones.
    /// </summary>
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            if (arguments.Length > 1 && arguments[0] == "child")
            {
                return Child.Run(arguments[1]);
            }
            // NUnit puts its own in their place while it runs.
            var listener = new Listener(Console.Out);
            var runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());
            var settings = new Dictionary<string, object>();
            runner.Load(Assembly.GetExecutingAssembly(), settings);
            ITestResult result = runner.Run(listener, new NamePart(arguments));
            listener.Output.WriteLine(
                "NUnit: " + result.PassCount + " passed, " + result.FailCount + " failed, " + result.SkipCount
                + " skipped, " + result.InconclusiveCount + " inconclusive");
            listener.Output.Flush();
            return result.FailCount == 0 && result.PassCount > 0 ? 0 : 1;
        }

        /// <summary>Tests whose name has one of these parts; all without any.</summary>
        private sealed class NamePart : TestFilter
        {
            private readonly string[] parts;

            internal NamePart(string[] parts)
            {
                this.parts = parts;
            }

            public override bool Match(ITest test)
            {
                return parts.Length == 0 || Array.Exists(parts, part => test.FullName.Contains(part));
            }

            public override bool Pass(ITest test, bool negated)
            {
                if (!test.IsSuite)
                {
                    return Match(test);
                }
                foreach (ITest inner in test.Tests)
                {
                    if (Pass(inner, negated))
                    {
                        return true;
                    }
                }
                return false;
            }

            public override bool IsExplicitMatch(ITest test)
            {
                return parts.Length > 0 && !test.IsSuite && Match(test);
            }

            public override TNode AddToXml(TNode parentNode, bool recursive)
            {
                return parentNode.AddElement("filter");
            }
        }

        /// <summary>Says what fails, and what is slow.</summary>
        private sealed class Listener : ITestListener
        {
            internal Listener(TextWriter output)
            {
                Output = output;
            }

            internal TextWriter Output { get; }

            public void TestStarted(ITest test)
            {
            }

            public void TestFinished(ITestResult result)
            {
                if (result.Test.IsSuite)
                {
                    return;
                }
                bool isGood = result.ResultState.Status == TestStatus.Passed;
                if (!isGood || result.Duration > 2)
                {
                    Output.WriteLine(
                        result.ResultState + " " + result.FullName + " (" + result.Duration.ToString("0.0") + " s)");
                }
                if (!isGood)
                {
                    Output.WriteLine("    " + result.Message + "\n" + result.StackTrace);
                }
                Output.Flush();
            }

            public void TestOutput(TestOutput output)
            {
                Output.Write(output.Text);
            }

            public void SendMessage(TestMessage message)
            {
            }
        }
    }
}
