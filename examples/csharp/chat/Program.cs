// One server, many clients with nicknames: `dotnet run -- server IP:PORT [--until N]` (ends when N have left), and
// `dotnet run -- client IP:PORT --name NAME`, which says what is typed until the end of the input.
//
// A client's first message is its nickname, each further one a line of text. The server sends lines to show.
using System;
using GameSockets;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        string role = arguments.Length > 1 ? arguments[0] : string.Empty;
        try
        {
            if (role == "server")
            {
                string until = Option(arguments, "--until");
                new Server(arguments[1], until == null ? int.MaxValue : int.Parse(until)).Run();
                return 0;
            }
            string name = Option(arguments, "--name");
            if (role == "client" && name != null)
            {
                return new Client(arguments[1], name).Run();
            }
        }
        catch (NetworkingException problem)
        {
            Console.Error.WriteLine("chat: " + problem.Message);
            return 1;
        }
        Console.Error.WriteLine("chat server IP:PORT [--until N] | client IP:PORT --name NAME");
        return 2;
    }

    private static string Option(string[] arguments, string name)
    {
        int place = Array.IndexOf(arguments, name);
        return place >= 0 && place + 1 < arguments.Length ? arguments[place + 1] : null;
    }
}
