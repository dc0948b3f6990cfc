// A server and a client in one program: the client sends numbered messages, and the server sends each back.
//
//     cargo build -p gamesockets-ffi
//     dotnet run --project examples/csharp/Echo [messages]
using System;
using System.Diagnostics;
using System.Text;
using System.Threading.Tasks;
using GameSockets;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        int messages = arguments.Length > 0 ? int.Parse(arguments[0]) : 1000;
        using var server = new NetworkingSockets();
        using var client = new NetworkingSockets(new NetworkingSocketsOptions { Identity = "str:echo-client" });
        using ListenSocket listen = server.CreateListenSocketIP("127.0.0.1:0");
        Task serving = Serve(listen);

        using Connection connection = await client.ConnectAsync(listen.Address);
        Console.WriteLine("connected to " + connection.Info.DebugDescription);
        var clock = Stopwatch.StartNew();
        for (int number = 0; number < messages; number++)
        {
            byte[] sent = Encoding.UTF8.GetBytes("message " + number);
            await connection.SendAsync(sent, SendFlags.ReliableNoNagle);
            using MessageBatch answers = await connection.ReceiveAsync(1);
            if (!IsEqual(answers[0], sent))
            {
                Console.Error.WriteLine("another message came back than was sent");
                return 1;
            }
        }
        Console.WriteLine(messages + " messages there and back in " + clock.ElapsedMilliseconds + " ms, ping "
            + connection.RealTimeStatus.Ping + " ms");
        connection.Close(1000, "done", linger: true);
        await serving;
        return 0;
    }

    private static async Task Serve(ListenSocket listen)
    {
        using Connection peer = await listen.AcceptAsync();
        await foreach (MessageBatch batch in peer.ReceiveAllAsync())
        {
            foreach (Message message in batch)
            {
                peer.Send(message.Payload, SendFlags.ReliableNoNagle);
            }
        }
        Console.WriteLine(peer.Info.IdentityString + " left: " + peer.Info.EndDebug);
    }

    private static bool IsEqual(Message message, byte[] expected)
    {
        return message.Payload.SequenceEqual(expected);
    }
}
