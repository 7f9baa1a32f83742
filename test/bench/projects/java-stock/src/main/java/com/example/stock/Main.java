package com.example.stock;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

public final class Main {
    public static void main(String[] args) throws IOException {
        var stock = new Stock();
        var server = HttpServer.create(new InetSocketAddress(8080), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/stock", exchange -> answer(exchange, 200, stock.json()));
        server.createContext("/change/", exchange -> {
            var parts = exchange.getRequestURI().getPath().split("/");
            try {
                answer(exchange, 200, String.valueOf(stock.change(parts[2], Integer.parseInt(parts[3]))));
            } catch (IllegalArgumentException | ArithmeticException | ArrayIndexOutOfBoundsException fault) {
                answer(exchange, 400, fault.getMessage());
            }
        });
        server.start();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes();
        exchange.sendResponseHeaders(status, bytes.length);
        try (var body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }
}
