using System;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace GameSockets.Tests.Children
{
    /// <summary>What a program of its own does, so that a test can see how it ends.</summary>
    internal static class Child
    {
        /// <summary>Answers with the exit code; what has to be seen is printed.</summary>
        internal static int Run(string scenario)
        {
            switch (scenario)
            {
                case "exit-open":
                    return ExitOpen();
                case "exit-from-thread":
                    return ExitFromThread();
                case "exit-awaiting":
                    return ExitAwaiting();
                case "finalise":
                    return Finalise();
                case "load":
                    return Load();
                default:
                    Console.WriteLine("no such scenario: " + scenario);
                    return 2;
            }
        }

        /// <summary>Everything is open, nothing is disposed, and another thread is in the library.</summary>
        private static int ExitOpen()
        {
            (NetworkingSockets server, Connection toServer) = Open();
            var waiting = new Thread(() => server.WaitEvents(TimeSpan.FromMinutes(1))) { IsBackground = true };
            waiting.Start();
            toServer.Send(new byte[1000]);
            MessageBatch batch = toServer.Receive();
            Console.WriteLine("open " + batch.Count);
            return 0;
        }

        private static int ExitFromThread()
        {
            Open();
            var ending = new Thread(() => Environment.Exit(0));
            Console.WriteLine("open");
            ending.Start();
            Thread.Sleep(Timeout.Infinite);
            return 1;
        }

        private static int ExitAwaiting()
        {
            (NetworkingSockets server, Connection toServer) = Open();
            Task accepting = server.CreateListenSocketIP("127.0.0.1:0").AcceptAsync();
            Task receiving = toServer.ReceiveAsync().AsTask();
            Console.WriteLine("open " + accepting.IsCompleted + receiving.IsCompleted);
            return 0;
        }

        /// <summary>Nobody disposes anything, many times; finalisers clean up.</summary>
        private static int Finalise()
        {
            for (int round = 0; round < 20; round++)
            {
                Abandon();
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
            Console.WriteLine("finalised");
            return 0;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Abandon()
        {
            (_, Connection toServer) = Open();
            toServer.Send(new byte[1000]);
            (Connection first, Connection second) = toServer.Sockets.CreateSocketPair();
            first.Send(new byte[100]);
            // A batch that nobody disposes.
            second.Receive();
        }

        private static int Load()
        {
            try
            {
                new NetworkingSockets().Dispose();
                Console.WriteLine("loaded");
            }
            catch (NativeLibraryException error)
            {
                Console.WriteLine(nameof(NativeLibraryException) + ": " + error.Message);
                Console.WriteLine("cause: " + error.InnerException?.GetType().Name);
            }
            return 0;
        }

        private static (NetworkingSockets Server, Connection ToServer) Open()
        {
            var server = new NetworkingSockets();
            var client = new NetworkingSockets();
            ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            server.CreatePollGroup();
            return (server, client.ConnectByIPAddress(socket.Address));
        }
    }
}
