require "greeting"
require "socket"

server = TCPServer.new("0.0.0.0", ENV.fetch("PORT"))
loop do
  visitor = server.accept
  visitor.readpartial(4096)
  body = Greeting.from("Bundler")
  visitor.write "HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}"
rescue EOFError, SystemCallError
  next
ensure
  visitor&.close
end
