using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>Another program, read line by line. It is ended when this is disposed.</summary>
    internal class RunningProgram : IDisposable
    {
        private readonly BlockingCollection<string> lines = new BlockingCollection<string>();
        private readonly List<string> seen = new List<string>();
        private int openOutputs = 2;

        internal RunningProgram(string file, params string[] arguments)
            : this(file, null, arguments)
        {
        }

        internal RunningProgram(string file, IDictionary<string, string> environment, string[] arguments)
        {
            var start = new ProcessStartInfo(file, string.Join(" ", Array.ConvertAll(arguments, Quoted)))
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            foreach (KeyValuePair<string, string> entry in environment ?? new Dictionary<string, string>())
            {
                start.Environment[entry.Key] = entry.Value;
            }
            Process = new Process { StartInfo = start };
            Process.OutputDataReceived += (_, data) => Add(data.Data);
            Process.ErrorDataReceived += (_, data) => Add(data.Data);
            Process.Start();
            Process.BeginOutputReadLine();
            Process.BeginErrorReadLine();
        }

        /// <summary>How long it may say nothing.</summary>
        internal TimeSpan Limit { get; set; } = Limits.Long;

        protected Process Process { get; }

        /// <summary>All that it has said and somebody has read.</summary>
        internal string Said => string.Join("\n", seen);

        public void Dispose()
        {
            try
            {
                Process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }
            Process.WaitForExit();
            Process.Dispose();
        }

        internal void Write(string line)
        {
            Process.StandardInput.WriteLine(line);
            Process.StandardInput.Flush();
        }

        /// <summary>Its next line; null at its end.</summary>
        internal string Line()
        {
            if (!lines.TryTake(out string line, Limit))
            {
                Assert.That(lines.IsCompleted, "it says nothing more, and does not end: " + Said);
                return null;
            }
            seen.Add(line);
            return line;
        }

        /// <summary>Waits for a line with this text; answers with what follows in it.</summary>
        internal string After(string text)
        {
            while (true)
            {
                string line = Line();
                Assert.That(line, Is.Not.Null, "\"" + text + "\" did not come: " + Said);
                int found = line.IndexOf(text, StringComparison.Ordinal);
                if (found >= 0)
                {
                    return line.Substring(found + text.Length);
                }
            }
        }

        /// <summary>Waits until it has ended; answers with its exit code.</summary>
        internal int Finish()
        {
            while (Line() != null)
            {
            }
            Assert.That(Process.WaitForExit((int)Limits.Long.TotalMilliseconds), "it does not end: " + Said);
            return Process.ExitCode;
        }

        private static string Quoted(string argument)
        {
            return "\"" + argument.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
        }

        private void Add(string line)
        {
            if (line != null)
            {
                lines.Add(line);
            }
            else if (System.Threading.Interlocked.Decrement(ref openOutputs) == 0)
            {
                lines.CompleteAdding();
            }
        }
    }
}
