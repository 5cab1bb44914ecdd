-- The paths in a file, one a line, in turn; each with a number that counts up, which nobody reads.

local requests, n = {}, 0

function init(args)
   for path in io.lines(args[1]) do
      local joint = path:find("?", 1, true) and "&n=" or "?n="
      local before, after = wrk.format("GET", path .. joint .. "NUMBER"):match("^(.*)NUMBER(.*)$")
      requests[#requests + 1] = { before, after }
   end
end

function request()
   n = n + 1
   local parts = requests[n % #requests + 1]
   return parts[1] .. n .. parts[2]
end
