using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>Where the programs are that tests start. A variable names each; otherwise cargo builds it.</summary>
    internal static class Programs
    {
        internal static readonly string Folder = AppContext.BaseDirectory;

        /// <summary>The echo example in Rust.</summary>
        internal static string Echo =>
            Named("GAMESOCKETS_TEST_ECHO") ?? Build("--package", "gamesockets", "--example", "echo");

        /// <summary>The program that loads Valve's library.</summary>
        internal static string ValvePeer =>
            Named("GAMESOCKETS_TEST_VALVE_PEER") ?? Build("--package", "gamesockets-interop", "--bin", "valve-peer");

        /// <summary>The conformance scripts.</summary>
        internal static string Conformance
        {
            get
            {
                string named = Named("GAMESOCKETS_CONFORMANCE");
                if (named == null)
                {
                    string folder = Path.Combine(Path.GetTempPath(), "gamesockets-conformance-" + Process.GetCurrentProcess().Id);
                    Run(
                        "cargo", "run", "--quiet", "--manifest-path", Path.Combine(Root, "Cargo.toml"),
                        "--package", "gamesockets-tests", "--bin", "conformance", "--", "json", folder);
                    named = Path.Combine(folder, "conformance.json");
                }
                return named;
            }
        }

        /// <summary>The root of the repository.</summary>
        internal static string Root
        {
            get
            {
                string folder = Folder;
                while (folder != null && !File.Exists(Path.Combine(folder, "Cargo.lock")))
                {
                    folder = Path.GetDirectoryName(folder);
                }
                return folder ?? throw new InvalidOperationException("The tests lie outside of their repository.");
            }
        }

        /// <summary>How a program of this runtime is started: the program, and the arguments before its own.</summary>
        internal static (string File, List<string> Arguments) Managed(string assembly)
        {
            string running = Process.GetCurrentProcess().MainModule.FileName;
            bool isRuntime = Path.GetFileNameWithoutExtension(running) == "dotnet" || Type.GetType("Mono.Runtime") != null;
            return (isRuntime ? running : "dotnet", new List<string> { assembly });
        }

        /// <summary>What a program prints; it must end well.</summary>
        internal static string Run(string file, params string[] arguments)
        {
            using (var program = new RunningProgram(file, arguments))
            {
                // It may be cargo, which builds.
                program.Limit = TimeSpan.FromMinutes(30);
                Assert.That(program.Finish(), Is.Zero, program.Said);
                return program.Said;
            }
        }

        private static string Named(string variable)
        {
            string value = Environment.GetEnvironmentVariable(variable);
            return string.IsNullOrEmpty(value) ? null : value;
        }

        private static string Build(params string[] arguments)
        {
            var all = new List<string>
            {
                "build", "--quiet", "--message-format=json", "--manifest-path", Path.Combine(Root, "Cargo.toml"),
            };
            all.AddRange(arguments);
            string program = null;
            foreach (string line in Run("cargo", all.ToArray()).Split('\n'))
            {
                var message = line.StartsWith("{", StringComparison.Ordinal) ? (Dictionary<string, object>)Json.Parse(line) : null;
                if (message != null && message.TryGetValue("executable", out object file) && file != null)
                {
                    program = (string)file;
                }
            }
            return program ?? throw new InvalidOperationException("cargo has built no program");
        }
    }
}
