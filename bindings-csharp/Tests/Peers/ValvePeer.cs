using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;

namespace GameSockets.Tests.Peers
{
    /// <summary>Valve's library in a process of its own; one JSON object per line (tests/interop/src/protocol.rs).</summary>
    internal sealed class ValvePeer : IDisposable
    {
        private const string Library = "libGameNetworkingSockets.so";

        private readonly RunningProgram program;
        private readonly List<Dictionary<string, object>> reports = new List<Dictionary<string, object>>();

        internal ValvePeer(string identity)
        {
            List<string> command = Command();
            command.AddRange(new[] { "--identity", identity, "--log-level", "2" });
            program = new RunningProgram(command[0], command.Skip(1).ToArray());
        }

        public void Dispose()
        {
            program.Dispose();
        }

        /// <summary>Gives a command; answers with the value of the reply.</summary>
        internal object Call(string command)
        {
            program.Write(command);
            while (true)
            {
                Dictionary<string, object> output = Next();
                if (output.TryGetValue("reply", out object reply))
                {
                    return ((Dictionary<string, object>)reply).Values.Single();
                }
                reports.Add(output);
            }
        }

        /// <summary>Takes the next event or message.</summary>
        internal Dictionary<string, object> Report(string kind)
        {
            while (true)
            {
                int found = reports.FindIndex(report => report.ContainsKey(kind));
                if (found >= 0)
                {
                    var taken = (Dictionary<string, object>)reports[found][kind];
                    reports.RemoveAt(found);
                    return taken;
                }
                reports.Add(Next());
            }
        }

        private Dictionary<string, object> Next()
        {
            while (true)
            {
                string line = program.Line();
                Assert.That(line, Is.Not.Null, "Valve's peer has ended: " + program.Said);
                // The rest is the library's log.
                if (line.StartsWith("{", StringComparison.Ordinal))
                {
                    return (Dictionary<string, object>)Json.Parse(line);
                }
            }
        }

        /// <summary>How the program is started so that it finds Valve's library.</summary>
        private static List<string> Command()
        {
            string named = Environment.GetEnvironmentVariable("GAMESOCKETS_VALVE_LIB");
            if (named != null)
            {
                return new List<string> { Programs.ValvePeer, "--library", named };
            }
            string cache = Environment.GetEnvironmentVariable("GAMESOCKETS_CACHE") ?? Path.Combine(Programs.Root, ".cache");
            string runner = Path.Combine(cache, "sysroot", "run");
            if (File.Exists(runner))
            {
                return new List<string> { runner, Programs.ValvePeer, "--library", Library };
            }
            string installed = Installed();
            if (installed != null)
            {
                return new List<string> { Programs.ValvePeer, "--library", installed };
            }
            const string Reason = "Valve's library is not here: `cargo xtask setup valve` brings it";
            if (Environment.GetEnvironmentVariable("GAMESOCKETS_INTEROP") == "required")
            {
                Assert.Fail(Reason);
            }
            Assert.Ignore(Reason);
            return null;
        }

        /// <summary>Where the system's loader finds it; null if it does not.</summary>
        private static string Installed()
        {
            if (!File.Exists("/sbin/ldconfig"))
            {
                return null;
            }
            IEnumerable<string> lines = Programs.Run("/sbin/ldconfig", "-p").Split('\n');
            string line = lines.FirstOrDefault(candidate => candidate.Contains(Library) && candidate.Contains("=> "));
            return line?.Substring(line.IndexOf("=> ", StringComparison.Ordinal) + 3).Trim();
        }
    }
}
