using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;

namespace GameSockets
{
    /// <summary>Makes sure, once, that the native library is there and belongs to this assembly.</summary>
    internal static class NativeLibrary
    {
        private const string Name = "gamesockets_ffi";

        private static volatile bool isChecked;

        /// <exception cref="NativeLibraryException">It is absent, or of another version.</exception>
        internal static void EnsureLoaded()
        {
            if (isChecked)
            {
                return;
            }
            ulong found;
            try
            {
                found = NativeMethods.SchemaHash();
            }
            catch (DllNotFoundException error)
            {
                throw new NativeLibraryException("The native library of GameSockets was not found. " + WhereAndWhich(), error);
            }
            catch (BadImageFormatException error)
            {
                string problem = "The native library of GameSockets is for another processor than this process ("
                    + RuntimeInformation.ProcessArchitecture + "). ";
                throw new NativeLibraryException(problem + WhereAndWhich(), error);
            }
            catch (EntryPointNotFoundException error)
            {
                string problem = "The native library of GameSockets is too old: it does not tell its version. ";
                throw new NativeLibraryException(problem + WhereAndWhich(), error);
            }
            Compare(found);
            isChecked = true;
        }

        private static void Compare(ulong found)
        {
            if (found == NativeVersion.SchemaHash)
            {
                return;
            }
            string problem = "The native library of GameSockets is of another version: it says " + Version()
                + " (interface " + found.ToString("x16") + "), and this assembly needs " + NativeVersion.Version
                + " (interface " + NativeVersion.SchemaHash.ToString("x16") + "). ";
            throw new NativeLibraryException(problem + WhereAndWhich(), null);
        }

        private static unsafe string Version()
        {
            try
            {
                return Utf8.Read((buffer, capacity, length) => NativeMethods.Version(buffer, capacity, length));
            }
            catch (EntryPointNotFoundException)
            {
                return "no version";
            }
        }

        /// <summary>Which file is wanted, where the runtime looks for it, and which of these there are.</summary>
        private static string WhereAndWhich()
        {
            string file = FileName();
            var lines = new List<string>();
            foreach (string folder in Folders())
            {
                string path = Path.Combine(folder, file);
                lines.Add("  " + path + (File.Exists(path) ? " (is there)" : " (is not there)"));
            }
            return "Wanted: " + file + ", version " + NativeVersion.Version + ", for " + RuntimeIdentifier()
                + ". Looked for in:\n" + string.Join("\n", lines)
                + "\n  and where the system looks for libraries (" + SearchVariable() + ")."
                + "\nInstall the package GameSockets of the same version, or put the file beside the program.";
        }

        private static IEnumerable<string> Folders()
        {
            string program = AppContext.BaseDirectory ?? string.Empty;
            yield return program;
            yield return Path.Combine(program, "runtimes", RuntimeIdentifier(), "native");
            // Where .NET itself looks: among others in the folder of the package.
            string known = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? string.Empty;
            foreach (string folder in known.Split(new[] { Path.PathSeparator }, StringSplitOptions.RemoveEmptyEntries))
            {
                if (Path.GetFullPath(folder) != Path.GetFullPath(program))
                {
                    yield return folder;
                }
            }
            // Compiled ahead of time, an assembly has no place of its own.
            string location = typeof(NativeLibrary).Assembly.Location;
            string assembly = string.IsNullOrEmpty(location) ? string.Empty : Path.GetDirectoryName(location);
            if (!string.IsNullOrEmpty(assembly) && Path.GetFullPath(assembly) != Path.GetFullPath(program).TrimEnd(Path.DirectorySeparatorChar))
            {
                yield return assembly;
            }
        }

        private static string FileName()
        {
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            {
                return Name + ".dll";
            }
            return "lib" + Name + (RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? ".dylib" : ".so");
        }

        private static string SearchVariable()
        {
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            {
                return "PATH";
            }
            return RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH";
        }

        private static string RuntimeIdentifier()
        {
            string system = RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "win"
                : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "osx" : "linux";
            return system + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        }
    }
}
