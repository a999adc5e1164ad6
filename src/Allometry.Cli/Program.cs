Console.WriteLine("allometry");
